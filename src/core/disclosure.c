/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/disclosure.h"

static const char *const names[VS_N_WITHHOLDINGS] = {
    [VS_WITHHOLDING_NOT_ASKED] = "not-asked", [VS_WITHHOLDING_DENIED] = "denied",
    [VS_WITHHOLDING_PASSWORD] = "password",   [VS_WITHHOLDING_NO_POLKIT] = "no-polkit",
    [VS_WITHHOLDING_NO_ANSWER] = "no-answer", [VS_WITHHOLDING_FAILED] = "failed",
};

const VsReader vs_reader_everybody = {VS_WITHHOLDING_NOT_ASKED, VS_READER_NOBODY};

/* What everybody may know of a record, or of a line about a request; and of the request in it. Of
 * the evidence nobody knows what is in it: log lines name processes. */
static const char *const open_keys[] = {
    "schema",  "id",     "time",       "boot_id",   "uri",           "domain",           "cause",
    "clean",   "signal", "confidence", "initiator", "host_shutdown", "host_stop",        "owner",
    "took_ms", "window", "hibernated", "io_error",  "migration",     "evidence_dropped", "what",
    "span_ms",
};
static const char *const open_request_keys[] = {"stop", "outcome", "steps"};

const char *
vs_withholding_name(VsWithholding withholding)
{
    return names[withholding];
}

bool
vs_withholding_parse(const char *name, VsWithholding *ret)
{
    for (VsWithholding i = 0; i < VS_N_WITHHOLDINGS; i++) {
        if (names[i] && g_strcmp0(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool
is_among(const char *const *keys, size_t n_keys, const char *key)
{
    for (size_t i = 0; i < n_keys; i++)
        if (g_str_equal(keys[i], key))
            return true;
    return false;
}

/* Nothing, or a list with nothing in it, tells nothing. */
static bool
is_empty(json_object *value)
{
    return !value ||
           (json_object_is_type(value, json_type_array) && json_object_array_length(value) == 0);
}

/* Whether "by" of @object names @reader. */
static bool
is_by(json_object *object, const VsReader *reader)
{
    int64_t uid;

    return reader->uid != VS_READER_NOBODY &&
           vs_json_int(vs_json_object(object, "by"), "uid", &uid) && uid == reader->uid;
}

static void
withhold(json_object *left_out, const char *prefix, const char *key)
{
    g_autofree char *name = g_strconcat(prefix, key, NULL);

    json_object_array_add(left_out, json_object_new_string(name));
}

/* A copy of @request, for somebody who didn't ask for it. */
static json_object *
open_request(json_object *request, json_object *left_out)
{
    json_object *open = json_object_new_object();

    json_object_object_foreach(request, key, value)
    {
        if (is_empty(value) || is_among(open_request_keys, G_N_ELEMENTS(open_request_keys), key))
            vs_json_set(open, key, json_object_get(value));
        else
            withhold(left_out, "request.", key);
    }
    return open;
}

static json_object *
open_record(json_object *record, const VsReader *reader, json_object *left_out)
{
    json_object *open = json_object_new_object();

    json_object_object_foreach(record, key, value)
    {
        if (g_str_equal(key, "request") && json_object_is_type(value, json_type_object) &&
            !is_by(value, reader))
            vs_json_set(open, key, open_request(value, left_out));
        else if (is_empty(value) || is_among(open_keys, G_N_ELEMENTS(open_keys), key) ||
                 (g_str_equal(key, "request") && is_by(value, reader)) ||
                 (g_str_equal(key, "by") && is_by(record, reader)))
            vs_json_set(open, key, json_object_get(value));
        else
            withhold(left_out, "", key);
    }
    return open;
}

char *
vs_disclosure_line(const char *line, const VsReader *reader)
{
    g_autoptr(json_object) record = NULL, open = NULL;
    json_object *left_out, *withheld;

    if (reader->withholding == VS_WITHHOLDING_NONE)
        return g_strdup(line);
    record = vs_json_parse_object(line, NULL);
    if (!record)
        return NULL;
    left_out = json_object_new_array();
    open = open_record(record, reader, left_out);
    if (json_object_array_length(left_out) == 0) {
        json_object_put(left_out);
        return g_strdup(vs_json_line(open));
    }
    withheld = json_object_new_object();
    vs_json_set(withheld, "keys", left_out);
    vs_json_set_string(withheld, "because", vs_withholding_name(reader->withholding));
    vs_json_set(open, "withheld", withheld);
    return g_strdup(vs_json_line(open));
}

VsWithholding
vs_disclosure_withheld(json_object *record)
{
    json_object *withheld = vs_json_object(record, "withheld");
    VsWithholding because = VS_WITHHOLDING_DENIED; /* a later virtstopd may know others */

    if (!withheld)
        return VS_WITHHOLDING_NONE;
    vs_withholding_parse(vs_json_string(withheld, "because", NULL), &because);
    return because;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/disclosure.h"

#include <string.h>

static const char *const names[VS_N_WITHHOLDINGS] = {
    [VS_WITHHOLDING_NOT_ASKED] = "not-asked", [VS_WITHHOLDING_DENIED] = "denied",
    [VS_WITHHOLDING_PASSWORD] = "password",   [VS_WITHHOLDING_NO_POLKIT] = "no-polkit",
    [VS_WITHHOLDING_NO_ANSWER] = "no-answer", [VS_WITHHOLDING_FAILED] = "failed",
};

const VsReader vs_reader_everybody = {VS_WITHHOLDING_NOT_ASKED, VS_READER_NOBODY};

/* What everybody may know of a record, or of a line about a request, down to the keys of what is in
 * it; "[]": a list of words. Of the evidence nobody knows what is in it: log lines name processes.
 */
static const char *const open_paths[] = {
    "schema",
    "id",
    "time",
    "boot_id",
    "uri",
    "domain.name",
    "domain.uuid",
    "domain.id",
    "cause",
    "clean",
    "confidence",
    "signal",
    "initiator",
    "request.stop",
    "request.outcome",
    "request.waited_for",
    "request.steps.method",
    "request.steps.started",
    "request.steps.took_ms",
    "request.steps.result",
    "host_shutdown",
    "host_stop.id",
    "host_stop.kind",
    "host_stop.asked",
    "host_stop.budget_ms",
    "host_stop.part.groups[]",
    "host_stop.part.priorities[]",
    "host_stop.part.uris[]",
    "host_stop.part.domains[]",
    "owner",
    "hibernated",
    "io_error.since",
    "io_error.paused_ms",
    "io_error.reason",
    "migration",
    "took_ms",
    "window.from",
    "window.until",
    "window.away",
    "evidence_dropped",
    "what",
    "span_ms",
};

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
is_open(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(open_paths); i++)
        if (g_str_equal(open_paths[i], path))
            return true;
    return false;
}

/* Of words, not of objects. */
static bool
is_open_list(const char *path)
{
    g_autofree char *words = g_strconcat(path, "[]", NULL);

    return is_open(words);
}

/* Whether something in what stands at @path is open. */
static bool
leads_on(const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < G_N_ELEMENTS(open_paths); i++)
        if (strncmp(open_paths[i], path, len) == 0 && open_paths[i][len] == '.')
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

typedef struct Opening {
    const VsReader *reader;
    json_object *left_out; /* the paths */
} Opening;

static void
withhold(const Opening *opening, const char *path)
{
    size_t n = json_object_array_length(opening->left_out);

    for (size_t i = 0; i < n; i++)
        if (g_str_equal(json_object_get_string(json_object_array_get_idx(opening->left_out, i)),
                        path))
            return;
    json_object_array_add(opening->left_out, json_object_new_string(path));
}

/* What somebody asked for, or did, himself. */
static bool
is_own(json_object *object, const char *path, json_object *value, const VsReader *reader)
{
    return (g_str_equal(path, "request") && json_object_is_type(value, json_type_object) &&
            is_by(value, reader)) ||
           (g_str_equal(path, "by") && is_by(object, reader));
}

static json_object *open_object(json_object *object, const char *path, const Opening *opening);

/* Of a list of objects; what else is in it is left out. */
static json_object *
open_list(json_object *list, const char *path, const Opening *opening)
{
    json_object *open = json_object_new_array();

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *item = json_object_array_get_idx(list, i);

        if (json_object_is_type(item, json_type_object))
            json_object_array_add(open, open_object(item, path, opening));
        else
            withhold(opening, path);
    }
    return open;
}

static void
open_value(json_object *open, const char *key, json_object *value, const char *path,
           const Opening *opening)
{
    bool is_object = json_object_is_type(value, json_type_object);
    bool is_list = json_object_is_type(value, json_type_array);

    if (is_object && leads_on(path))
        vs_json_set(open, key, open_object(value, path, opening));
    else if (is_list && leads_on(path))
        vs_json_set(open, key, open_list(value, path, opening));
    else if (!is_object && (is_list ? is_open_list(path) : is_open(path)))
        vs_json_set(open, key, json_object_get(value));
    else
        withhold(opening, path);
}

static json_object *
open_object(json_object *object, const char *path, const Opening *opening)
{
    json_object *open = json_object_new_object();

    json_object_object_foreach(object, key, value)
    {
        g_autofree char *own_path = *path ? g_strconcat(path, ".", key, NULL) : g_strdup(key);

        if (is_empty(value) || is_own(object, own_path, value, opening->reader))
            vs_json_set(open, key, json_object_get(value));
        else
            open_value(open, key, value, own_path, opening);
    }
    return open;
}

char *
vs_disclosure_line(const char *line, const VsReader *reader)
{
    g_autoptr(json_object) record = NULL, open = NULL;
    Opening opening = {.reader = reader};
    json_object *withheld;

    if (reader->withholding == VS_WITHHOLDING_NONE)
        return g_strdup(line);
    record = vs_json_parse_object(line, NULL);
    if (!record)
        return NULL;
    opening.left_out = json_object_new_array();
    open = open_object(record, "", &opening);
    if (json_object_array_length(opening.left_out) == 0) {
        json_object_put(opening.left_out);
        return g_strdup(vs_json_line(open));
    }
    withheld = json_object_new_object();
    vs_json_set(withheld, "keys", opening.left_out);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/record-query.h"

#include <string.h>

#include "util/json.h"
#include "util/uuid.h"
#include "util/wallclock.h"

/* A longer text isn't looked for in a line before that is parsed: strstr() of some C libraries
 * needs the product of both lengths where they are full of one letter, and both may be a
 * stranger's. */
#define MAX_LOOKED_FOR 128

/* @text as a value in our records, its beginning at least: json-c writes it in one way only. */
static char *
value_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(json_object) value = json_object_new_string(valid);

    return g_strndup(vs_json_line(value), MAX_LOOKED_FOR);
}

static char *
lower(const char *text)
{
    return text ? g_ascii_strdown(text, -1) : NULL;
}

static char **
split(const char *list)
{
    return list ? g_strsplit(list, ",", -1) : NULL;
}

void
vs_record_match_init(VsRecordMatch *match, const VsRecordQuery *query)
{
    const char *domain = query->domain;
    const char *uuid = query->uuid ? query->uuid : domain;

    *match = (VsRecordMatch){.query = query,
                             .uuid = uuid && vs_uuid_is_valid(uuid) ? lower(uuid) : NULL,
                             .id = lower(query->id),
                             .stop = lower(query->stop),
                             .host_stop = lower(query->host_stop),
                             .causes = split(query->cause),
                             .outcomes = split(query->outcome)};
    if (domain)
        match->name_text = value_text(domain);
    if (match->uuid)
        match->uuid_text = value_text(match->uuid);
}

void
vs_record_match_clear(VsRecordMatch *match)
{
    g_clear_pointer(&match->uuid, g_free);
    g_clear_pointer(&match->name_text, g_free);
    g_clear_pointer(&match->uuid_text, g_free);
    g_clear_pointer(&match->id, g_free);
    g_clear_pointer(&match->stop, g_free);
    g_clear_pointer(&match->host_stop, g_free);
    g_clear_pointer(&match->causes, g_strfreev);
    g_clear_pointer(&match->outcomes, g_strfreev);
}

static bool
may_hold(const char *line, const char *text)
{
    return !text || strlen(text) > MAX_LOOKED_FOR || strstr(line, text);
}

/* NULL: any will do. */
static bool
may_hold_any(const char *line, char *const *texts)
{
    for (char *const *text = texts; text && *text; text++)
        if (may_hold(line, *text))
            return true;
    return !texts;
}

/* False for a line that needn't be parsed: what is asked for isn't even part of it. */
static bool
may_match(const VsRecordMatch *match, const char *line)
{
    return may_hold(line, match->id) && may_hold(line, match->stop) &&
           may_hold(line, match->host_stop) && may_hold_any(line, match->causes) &&
           may_hold_any(line, match->outcomes) &&
           (may_hold(line, match->name_text) ||
            (match->uuid_text && may_hold(line, match->uuid_text)));
}

static bool
is_wanted(const char *wanted, json_object *object, const char *key)
{
    return !wanted || g_strcmp0(wanted, vs_json_string(object, key, NULL)) == 0;
}

static bool
is_any(char *const *wanted, json_object *object, const char *key)
{
    return !wanted || g_strv_contains((const char *const *)wanted, vs_json_string(object, key, ""));
}

static bool
is_unclean(json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    return json_object_is_type(clean, json_type_boolean) && !json_object_get_boolean(clean);
}

static bool
is_domain(const VsRecordMatch *match, json_object *domain)
{
    return is_wanted(match->query->domain, domain, "name") ||
           (match->uuid && is_wanted(match->uuid, domain, "uuid"));
}

static bool
is_in_time(const VsRecordQuery *query, json_object *record)
{
    int64_t time;

    if (query->since == 0 && query->until == 0)
        return true;
    if (!vs_wallclock_parse(vs_json_string(record, "time", ""), &time, NULL))
        return false;
    return time >= query->since && (query->until == 0 || time <= query->until);
}

bool
vs_record_match_line(const VsRecordMatch *match, const char *line, size_t len)
{
    const VsRecordQuery *query = match->query;

    if (strlen(line) != len || !may_match(match, line))
        return false;

    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);
    return record && is_wanted(match->id, record, "id") && is_wanted(query->uri, record, "uri") &&
           is_any(match->causes, record, "cause") &&
           is_any(match->outcomes, vs_json_object(record, "request"), "outcome") &&
           (!query->unclean || is_unclean(record)) &&
           is_wanted(match->stop, vs_json_object(record, "request"), "stop") &&
           is_wanted(match->host_stop, vs_json_object(record, "host_stop"), "id") &&
           is_domain(match, vs_json_object(record, "domain")) && is_in_time(query, record);
}

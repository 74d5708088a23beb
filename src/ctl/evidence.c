/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/evidence.h"

#include "util/i18n.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/when.h"

/* Wide enough for "2026-11-23 03:10:00.123", and for the longest source. */
#define TIME_COLUMNS   23
#define SOURCE_COLUMNS 10

static const char *
get_string(json_object *item, const char *key)
{
    return vs_json_string(item, key, "");
}

/* A copy of @item without what the line shows by itself. */
static char *
describe_rest(json_object *item)
{
    static const char *const shown[] = {"time", "source", "event", "api", "method", NULL};
    g_autoptr(json_object) rest = json_object_new_object();

    json_object_object_foreach(item, key, value)
    {
        if (!g_strv_contains(shown, key))
            vs_json_set(rest, key, json_object_get(value));
    }
    return g_strdup(json_object_object_length(rest) > 0 ? vs_json_line(rest) : "");
}

/* What was called: by libvirt's name in a trace, by the step's in a record. */
static const char *
call_of(json_object *item)
{
    return vs_json_string(item, "api", get_string(item, "method"));
}

static char *
describe_reply(json_object *item)
{
    int64_t code;

    if (vs_json_bool(item, "ok", false))
        return g_strdup_printf(_("%s: ok"), call_of(item));
    if (!vs_json_int(item, "code", &code))
        return g_strdup_printf(_("%s: failed, %s"), call_of(item), get_string(item, "message"));
    return g_strdup_printf(_("%s: failed with %d, %s"), call_of(item), (int)code,
                           get_string(item, "message"));
}

/* What is said where the item isn't one of the usual: everything in it. */
static char *
describe_anything(json_object *item)
{
    const char *what = vs_json_string(item, "event", call_of(item));
    g_autofree char *rest = describe_rest(item);

    return g_strjoin(*what && *rest ? " " : "", what, rest, NULL);
}

static char *
describe(json_object *item)
{
    const char *source = get_string(item, "source");
    json_object *data = NULL;

    json_object_object_get_ex(item, "data", &data); /* text, where it was cut */
    if (g_str_equal(source, "qemu-log"))
        return g_strdup(get_string(item, "line"));
    if (g_str_equal(source, "reply"))
        return describe_reply(item);
    if (g_str_equal(source, "qmp"))
        return g_strjoin(data ? " " : "", get_string(item, "event"), data ? vs_json_line(data) : "",
                         NULL);
    if (g_str_equal(get_string(item, "event"), "lifecycle"))
        return g_strdup_printf("lifecycle %s/%s", get_string(item, "type"),
                               get_string(item, "detail"));
    return describe_anything(item);
}

static void
append_item(GString *text, json_object *item)
{
    g_autofree char *description = describe(item);
    g_autofree char *safe = vs_text_printable(description);
    g_autofree char *source = vs_text_printable(get_string(item, "source"));
    g_autofree char *column = vs_text_fit(source, SOURCE_COLUMNS);
    g_autofree char *time = NULL;
    int64_t real;

    if (vs_wallclock_parse(get_string(item, "time"), &real, NULL))
        time = vs_when_exact(real);
    g_string_append_printf(text, "  %-*s  %s  %s\n", TIME_COLUMNS, time ? time : "-", column, safe);
}

char *
vs_evidence_tell(json_object *record)
{
    json_object *evidence = vs_json_array(record, "evidence");
    GString *text = g_string_new(NULL);
    int64_t dropped;

    for (size_t i = 0; evidence && i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);
        if (json_object_is_type(item, json_type_object))
            append_item(text, item);
    }
    if (vs_json_int(record, "evidence_dropped", &dropped) && dropped > 0)
        g_string_append_printf(text,
                               ngettext("  %d more was dropped: it was too much.\n",
                                        "  %d more were dropped: it was too much.\n", dropped),
                               (int)MIN(dropped, G_MAXINT));
    return g_string_free(text, FALSE);
}

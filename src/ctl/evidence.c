/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/evidence.h"

#include "core/event.h"
#include "core/method.h"
#include "core/verdict.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/when.h"

/* Wide enough for "2026-11-23 03:10:00.123", and for the longest source. */
#define TIME_COLUMNS   23
#define SOURCE_COLUMNS 10

/* A record's "took_ms" is rounded, µs. */
#define ROUNDED (2 * VS_USEC_PER_MSEC)

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

static bool
is_answer_of_agent(json_object *item)
{
    return g_str_equal(get_string(item, "source"), "reply") &&
           g_str_equal(get_string(item, "method"), vs_method_name(VS_METHOD_AGENT));
}

/* The last time that it was asked, its agent took the request, and was gone before it could say so:
 * that is no failure. */
static bool
went_down_answering(json_object *record, json_object *item)
{
    json_object *evidence = vs_json_array(record, "evidence"), *last = NULL;
    int64_t code = 0;

    for (size_t i = 0; i < json_object_array_length(evidence); i++) {
        json_object *other = json_object_array_get_idx(evidence, i);

        if (is_answer_of_agent(other))
            last = other;
    }
    return item == last && vs_json_int(item, "code", &code) &&
           code != VS_LIBVIRT_AGENT_COMMAND_TIMEOUT &&
           g_str_equal(vs_json_string(record, "cause", ""), vs_cause_name(VS_CAUSE_GUEST_AGENT));
}

static char *
describe_reply(json_object *record, json_object *item)
{
    const char *message = get_string(item, "message");

    if (vs_json_bool(item, "ok", false))
        return g_strdup_printf(_("%s: ok"), call_of(item));
    if (went_down_answering(record, item))
        return g_strdup_printf(_("%s: no answer, for it went down while answering (libvirt: %s)"),
                               call_of(item), message);
    return g_strdup_printf(_("%s: failed: %s"), call_of(item), message);
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
describe(json_object *record, json_object *item)
{
    const char *source = get_string(item, "source");
    json_object *data = NULL;

    json_object_object_get_ex(item, "data", &data); /* text, where it was cut */
    if (g_str_equal(source, "qemu-log"))
        return g_strdup(get_string(item, "line"));
    if (g_str_equal(source, "reply"))
        return describe_reply(record, item);
    if (g_str_equal(source, "qmp"))
        return g_strjoin(data ? " " : "", get_string(item, "event"), data ? vs_json_line(data) : "",
                         NULL);
    if (g_str_equal(get_string(item, "event"), "lifecycle"))
        return g_strdup_printf("lifecycle %s/%s", get_string(item, "type"),
                               get_string(item, "detail"));
    return describe_anything(item);
}

static void
append_item(GString *text, json_object *record, json_object *item)
{
    g_autofree char *description = describe(record, item);
    g_autofree char *safe = vs_text_printable(description);
    g_autofree char *source = vs_text_printable(get_string(item, "source"));
    g_autofree char *column = vs_text_fit(source, SOURCE_COLUMNS);
    g_autofree char *time = NULL;
    int64_t real;

    if (vs_wallclock_parse(get_string(item, "time"), &real, NULL))
        time = vs_when_exact(real);
    g_string_append_printf(text, "  %-*s  %s  %s\n", TIME_COLUMNS, time ? time : "-", column, safe);
}

/* When the request began that the record is about (realtime µs): what is asked before that was
 * another, which had ended. INT64_MAX: there is none, so all that were had. */
static int64_t
begin_of_request(json_object *record)
{
    json_object *request = vs_json_object(record, "request");
    json_object *steps = vs_json_array(request, "steps");
    json_object *first = steps ? json_object_array_get_idx(steps, 0) : NULL;
    int64_t end, took = 0, began = INT64_MAX;

    if (!request)
        return INT64_MAX;
    vs_wallclock_parse(vs_json_string(first, "started", ""), &began, NULL);
    vs_json_msec(record, "took_ms", &took);
    if (vs_wallclock_parse(vs_json_string(record, "time", ""), &end, NULL))
        began = MIN(began, end - took);
    return began == INT64_MAX ? INT64_MIN : began - ROUNDED;
}

/* What was asked, and answered; and the press that QEMU tells of, as long as it isn't what ended
 * it. */
static bool
is_of_request(json_object *record, json_object *item)
{
    const char *source = get_string(item, "source");
    bool pressed =
        g_str_equal(source, "qmp") && g_str_equal(get_string(item, "event"), "POWERDOWN");

    return g_str_equal(source, "request") || g_str_equal(source, "reply") ||
           (pressed && vs_json_object(record, "request"));
}

static bool
is_past(json_object *record, json_object *item, int64_t begin)
{
    int64_t real;

    return is_of_request(record, item) &&
           vs_wallclock_parse(get_string(item, "time"), &real, NULL) && real < begin;
}

char *
vs_evidence_tell(json_object *record)
{
    json_object *evidence = vs_json_array(record, "evidence");
    int64_t begin = begin_of_request(record), dropped;
    GString *text = g_string_new(NULL);
    unsigned n_past = 0;

    for (size_t i = 0; evidence && i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);

        if (!json_object_is_type(item, json_type_object))
            continue;
        if (is_past(record, item, begin))
            n_past++;
        else
            append_item(text, record, item);
    }
    if (n_past > 0)
        g_string_append_printf(text,
                               ngettext("  %u line about a request that had ended before is left "
                                        "out (--json=pretty has it).\n",
                                        "  %u lines about requests that had ended before are left "
                                        "out (--json=pretty has them).\n",
                                        n_past),
                               n_past);
    if (vs_json_int(record, "evidence_dropped", &dropped) && dropped > 0)
        g_string_append_printf(text,
                               ngettext("  %d more was dropped: it was too much.\n",
                                        "  %d more were dropped: it was too much.\n", dropped),
                               (int)MIN(dropped, G_MAXINT));
    return g_string_free(text, FALSE);
}

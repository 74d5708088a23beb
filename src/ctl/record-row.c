/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/record-row.h"

#include <string.h>

#include "ctl/host-stop.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/wallclock.h"
#include "words/story-request.h"
#include "words/when.h"

/* "python3[4711]" */
static char *
describe_process(json_object *process)
{
    const char *comm = vs_json_string(process, "comm", "");
    int64_t pid;

    if (vs_json_int(process, "pid", &pid) && pid > 0 && pid <= G_MAXINT)
        return g_strdup_printf("%s[%d]", comm, (int)pid);
    return g_strdup(comm);
}

/* Who is behind it: the process that sent the signal, or who asked virtstopd. @ret_brief: the human
 * alone, who is what matters; NULL: that isn't known. */
static char *
describe_by(json_object *record, bool local, char **ret_brief)
{
    json_object *killer = vs_json_object(record, "killer");
    json_object *by = vs_json_object(vs_json_object(record, "request"), "by");
    g_autofree char *process = NULL, *user = NULL;

    if (killer)
        return describe_process(killer);
    if (!by)
        return g_strdup("");
    process = describe_process(by);
    if (!json_object_object_get_ex(by, "uid", NULL))
        return g_steal_pointer(&process);
    user = vs_story_human(by, local);
    *ret_brief = g_strdup(user);
    return g_strdup_printf("%s%s%s", user, *process ? ", " : "", process);
}

/* Of this year without the year, of another one only the day: as ls has it. */
static void
add_time(VsTable *table, json_object *record)
{
    const char *text = vs_json_string(record, "time", "");
    g_autofree char *time = NULL, *brief = NULL, *now = vs_when_time(g_get_real_time());
    int64_t real;

    if (vs_wallclock_parse(text, &real, NULL)) {
        time = vs_when_time(real);
        brief = strncmp(time, now, 5) == 0 ? g_strdup(time + 5) : g_strndup(time, 10);
    }
    vs_table_add_brief(table, time ? time : text, brief, VS_COLOUR_NONE);
}

static void
add_clean(VsTable *table, json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        vs_table_add(table, "?", VS_COLOUR_YELLOW);
    else if (json_object_get_boolean(clean))
        vs_table_add(table, _("yes"), VS_COLOUR_GREEN);
    else
        vs_table_add(table, _("no"), VS_COLOUR_RED);
}

void
vs_record_row_history(VsTable *table, json_object *record, bool local)
{
    const char *confidence = vs_json_string(record, "confidence", "");
    const char *outcome = vs_json_string(vs_json_object(record, "request"), "outcome", "");
    const char *reason = vs_json_string(vs_json_object(record, "request"), "reason", "");
    g_autofree char *span = NULL, *human = NULL, *by = describe_by(record, local, &human);
    int64_t took;

    if (vs_json_msec(record, "took_ms", &took) && took > 0)
        span = vs_span_say(took);
    add_time(table, record);
    vs_table_add(table, vs_json_string(vs_json_object(record, "domain"), "name", ""),
                 VS_COLOUR_BOLD);
    vs_table_add(table, vs_json_string(record, "cause", ""), VS_COLOUR_NONE);
    add_clean(table, record);
    vs_table_add(table, confidence,
                 g_str_equal(confidence, "certain") ? VS_COLOUR_NONE : VS_COLOUR_YELLOW);
    vs_table_add(table, outcome,
                 g_str_equal(outcome, "unknown") ? VS_COLOUR_YELLOW : VS_COLOUR_NONE);
    vs_table_add_brief(table, by, human, VS_COLOUR_NONE);
    vs_table_add(table, span, VS_COLOUR_NONE);
    vs_table_add(table, reason, VS_COLOUR_NONE);
}

static int64_t
took(json_object *record)
{
    int64_t usec = 0;

    vs_json_msec(record, "took_ms", &usec);
    return usec;
}

static const char *
name_of(json_object *record)
{
    return vs_json_string(vs_json_object(record, "domain"), "name", "");
}

/* How long it took itself: of one that waited for others, from its first step on. */
static int64_t
own_time(json_object *record)
{
    VsHostStopTimes times;

    return vs_host_stop_times(record, &times) ? times.end - times.start : took(record);
}

int
vs_record_row_compare_slowness(const void *a, const void *b)
{
    json_object *one = *(json_object *const *)a, *other = *(json_object *const *)b;
    int64_t difference = own_time(other) - own_time(one);

    if (difference != 0)
        return difference < 0 ? -1 : 1;
    return strcmp(name_of(one), name_of(other));
}

static VsColour
colour_of(json_object *record)
{
    static const VsColour colours[] = {
        [VS_CLEAN_UNKNOWN] = VS_COLOUR_YELLOW,
        [VS_CLEAN_YES] = VS_COLOUR_GREEN,
        [VS_CLEAN_NO] = VS_COLOUR_RED,
    };

    return colours[vs_host_stop_clean(record)];
}

static void
add_requester(VsTable *table, json_object *by, bool local)
{
    g_autofree char *whole = by ? vs_story_requester(by, local) : NULL;
    g_autofree char *human = by ? vs_story_human(by, local) : NULL;

    vs_table_add_brief(table, whole, human, VS_COLOUR_NONE);
}

void
vs_record_row_request(VsTable *table, json_object *line, bool local)
{
    json_object *request = vs_json_object(line, "request");
    json_object *by = vs_json_object(line, "by"), *asker = vs_json_object(request, "by");

    add_time(table, line);
    vs_table_add(table, vs_json_string(vs_json_object(line, "domain"), "name", ""), VS_COLOUR_BOLD);
    vs_table_add(table, vs_json_string(line, "what", ""), VS_COLOUR_NONE);
    add_requester(table, by, local);
    add_requester(table, asker, local);
    vs_table_add(table, vs_json_string(request, "reason", ""), VS_COLOUR_NONE);
}

/* NULL: it waited for nobody. */
static char *
describe_wait(json_object *record)
{
    const char *other = vs_json_string(vs_json_object(record, "request"), "waited_for", NULL);
    g_autofree char *span = NULL;
    VsHostStopTimes times;

    if (!other || !vs_host_stop_times(record, &times))
        return NULL;
    span = vs_span_say(times.start - times.asked);
    return g_strdup_printf(_("%s for %s"), span, other);
}

void
vs_record_row_blame(VsTable *table, json_object *record, bool waits)
{
    g_autofree char *span = vs_span_say(own_time(record)), *wait = describe_wait(record);
    VsColour colour = colour_of(record);

    vs_table_add(table, span, VS_COLOUR_NONE);
    vs_table_add(table, name_of(record), VS_COLOUR_BOLD);
    vs_table_add(table, vs_json_string(record, "cause", ""), colour);
    vs_table_add(table, vs_json_string(vs_json_object(record, "request"), "outcome", ""), colour);
    if (waits)
        vs_table_add(table, wait, VS_COLOUR_NONE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/timeline.h"

#include <string.h>

#include "ctl/host-stop-head.h"
#include "ctl/host-stop.h"
#include "ctl/plan-text.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/wallclock.h"
#include "words/when.h"

static void
clear_segment(gpointer data)
{
    VsSegment *segment = data;

    g_free(segment->method);
    g_free(segment->result);
}

static void
free_bar(gpointer data)
{
    VsBar *bar = data;

    g_free(bar->name);
    g_free(bar->note);
    g_free(bar->waited_for);
    g_array_unref(bar->segments);
    g_free(bar);
}

static VsTimeline *
new_timeline(void)
{
    VsTimeline *timeline = g_new0(VsTimeline, 1);

    timeline->bars = g_ptr_array_new_with_free_func(free_bar);
    timeline->budget = VS_USEC_INFINITY;
    return timeline;
}

void
vs_timeline_free(VsTimeline *timeline)
{
    g_free(timeline->title);
    g_free(timeline->summary);
    g_ptr_array_unref(timeline->bars);
    g_free(timeline);
}

static VsBar *
add_bar(VsTimeline *timeline, const char *name, int64_t start, int64_t took)
{
    VsBar *bar = g_new0(VsBar, 1);

    bar->name = g_strdup(name);
    bar->asked = bar->start = MAX(start, 0);
    bar->took = MAX(took, 0);
    bar->segments = g_array_new(FALSE, FALSE, sizeof(VsSegment));
    g_array_set_clear_func(bar->segments, clear_segment);
    g_ptr_array_add(timeline->bars, bar);
    timeline->total = MAX(timeline->total, bar->start + bar->took);
    return bar;
}

/* What lies outside of the bar is cut off: a clock may have been set meanwhile. */
static void
add_segment(VsBar *bar, json_object *step, int64_t start, int64_t took)
{
    int64_t end = MIN(start + took, bar->start + bar->took);
    VsSegment segment = {.start = CLAMP(start, bar->start, bar->start + bar->took)};

    segment.method = g_strdup(vs_json_string(step, "method", ""));
    segment.result = g_strdup(vs_json_string(step, "result", NULL));
    segment.took = MAX(end - segment.start, 0);
    g_array_append_val(bar->segments, segment);
}

static int64_t
get_usec(json_object *object, const char *key)
{
    int64_t usec = 0;

    vs_json_msec(object, key, &usec);
    return usec;
}

static int
compare_bars(const void *a, const void *b)
{
    const VsBar *one = *(VsBar *const *)a, *other = *(VsBar *const *)b;

    if (one->start != other->start)
        return one->start < other->start ? -1 : 1;
    return strcmp(one->name, other->name);
}

/* A step that was never ended lasts to the end of the guest. */
static void
add_record(VsTimeline *timeline, json_object *record, int64_t zero)
{
    json_object *request = vs_json_object(record, "request");
    json_object *steps = vs_json_array(request, "steps");
    const char *waited_for = vs_json_string(request, "waited_for", NULL);
    VsHostStopTimes times = {0};
    g_autofree char *span = NULL;
    int64_t began, start;
    VsBar *bar;

    vs_host_stop_times(record, &times);
    start = MAX(times.start, zero); /* its own stop may have begun before that of all */
    bar = add_bar(timeline, vs_json_string(vs_json_object(record, "domain"), "name", ""),
                  start - zero, times.end - start);
    bar->asked = CLAMP(times.asked - zero, 0, bar->start);
    bar->waited_for = g_strdup(waited_for);
    span = vs_span_say(times.end - times.start);
    bar->forced = vs_host_stop_clean(record) == VS_CLEAN_NO;
    bar->note = g_strdup_printf(
        "%s, %s", span, vs_json_string(request, "outcome", vs_json_string(record, "cause", "")));
    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);
        int64_t took;
        if (!vs_wallclock_parse(vs_json_string(step, "started", ""), &began, NULL))
            continue;
        bool ended = vs_json_msec(step, "took_ms", &took);
        add_segment(bar, step, began - zero, ended ? took : times.end - began);
    }
}

VsTimeline *
vs_timeline_of_records(const GPtrArray *records)
{
    VsTimeline *timeline = new_timeline();
    g_autofree char *when = NULL, *summary = NULL;
    VsHostStopHead head;

    vs_host_stop_head_read(&head, records);
    for (unsigned i = 0; i < records->len; i++)
        add_record(timeline, g_ptr_array_index(records, i), head.asked);
    g_ptr_array_sort(timeline->bars, compare_bars);
    when = vs_when_zoned(head.asked);
    timeline->title = g_strdup_printf(_("%s, %s"), vs_host_stop_head_kind(&head), when);
    summary = vs_summary_tell(&head.summary);
    timeline->summary =
        head.id ? g_strdup_printf("%s (%s)", summary, head.id) : g_steal_pointer(&summary);
    timeline->budget = head.summary.budget;
    return timeline;
}

/* When the last that has an end is over: one that has none is drawn to there. */
static int64_t
horizon_of(json_object *guests)
{
    int64_t horizon = 0;

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++) {
        json_object *guest = json_object_array_get_idx(guests, i);
        horizon = MAX(horizon, get_usec(guest, "start_ms") + get_usec(guest, "took_ms"));
    }
    return horizon;
}

static bool
has_time(json_object *object, const char *key)
{
    int64_t ms;

    return vs_json_int(object, key, &ms);
}

static char *
note_of(json_object *guest, bool ends)
{
    VsColour colour;
    const char *outcome = vs_plan_outcome(guest, "outcome", &colour);
    g_autofree char *end = vs_plan_end(guest), *slowest = vs_plan_span(guest, "slowest_ms");
    g_autofree char *worst = vs_plan_span(guest, "worst_ms");

    if (!ends)
        return g_strdup(outcome);
    return g_strdup_printf(_("%s after %s; slowest %s, at most %s"), outcome, end, slowest, worst);
}

static void
add_planned(VsTimeline *timeline, json_object *guest, int64_t horizon)
{
    json_object *steps = vs_json_array(guest, "steps");
    bool ends = has_time(guest, "took_ms");
    int64_t start = has_time(guest, "start_ms") ? get_usec(guest, "start_ms") : horizon;
    int64_t took = ends ? get_usec(guest, "took_ms") : horizon - start;
    VsBar *bar = add_bar(timeline, vs_json_string(guest, "name", ""), start, took);

    bar->forced = vs_json_bool(guest, "forced", false);
    bar->left = g_str_equal(vs_json_string(guest, "outcome", ""), "timed-out");
    bar->note = note_of(guest, ends);
    bar->waited_for = g_strdup(vs_json_string(guest, "waits_for", NULL));
    if (bar->waited_for)
        bar->asked = 0;
    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);
        add_segment(bar, step, get_usec(step, "start_ms"),
                    has_time(step, "took_ms") ? get_usec(step, "took_ms") : took);
    }
}

VsTimeline *
vs_timeline_of_plan(json_object *plan)
{
    VsTimeline *timeline = new_timeline();
    json_object *guests = vs_json_array(plan, "guests");
    int64_t horizon = horizon_of(guests);

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++)
        add_planned(timeline, json_object_array_get_idx(guests, i), horizon);
    g_ptr_array_sort(timeline->bars, compare_bars);
    timeline->title = g_strdup(_("Plan of a host stop"));
    if (has_time(plan, "budget_ms"))
        timeline->budget = get_usec(plan, "budget_ms");
    timeline->summary = vs_plan_summarise(plan, " ");
    return timeline;
}

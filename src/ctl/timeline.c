/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/timeline.h"

#include <string.h>

#include "ctl/host-stop.h"
#include "ctl/plan-text.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/wallclock.h"
#include "words/summary.h"
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
    g_array_unref(bar->segments);
    g_free(bar);
}

static VsTimeline *
new_timeline(void)
{
    VsTimeline *timeline = g_new0(VsTimeline, 1);

    timeline->bars = g_ptr_array_new_with_free_func(free_bar);
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
    bar->start = MAX(start, 0);
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

/* True: it was cut off. */
static bool
count(VsSummary *summary, json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        summary->n_unknown++;
    else if (json_object_get_boolean(clean))
        summary->n_clean++;
    else
        summary->n_cut_off++;
    return json_object_is_type(clean, json_type_boolean) && !json_object_get_boolean(clean);
}

/* A step that was never ended lasts to the end of the guest. */
static void
add_record(VsTimeline *timeline, VsSummary *summary, json_object *record, int64_t zero)
{
    json_object *request = vs_json_object(record, "request");
    json_object *steps = vs_json_array(request, "steps");
    int64_t start = 0, end = 0, began;
    g_autofree char *span = NULL;
    VsBar *bar;

    vs_host_stop_times(record, &start, &end);
    bar = add_bar(timeline, vs_json_string(vs_json_object(record, "domain"), "name", ""),
                  start - zero, end - start);
    span = vs_span_say(bar->took);
    bar->forced = count(summary, record);
    bar->note = g_strdup_printf(
        "%s, %s", span, vs_json_string(request, "outcome", vs_json_string(record, "cause", "")));
    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);
        int64_t took;
        if (!vs_wallclock_parse(vs_json_string(step, "started", ""), &began, NULL))
            continue;
        bool ended = vs_json_msec(step, "took_ms", &took);
        add_segment(bar, step, began - zero, ended ? took : end - began);
    }
}

VsTimeline *
vs_timeline_of_records(const GPtrArray *records)
{
    VsTimeline *timeline = new_timeline();
    VsSummary summary = {.budget = VS_USEC_INFINITY};
    int64_t zero = INT64_MAX, start, end;
    g_autofree char *when = NULL;

    for (unsigned i = 0; i < records->len; i++)
        if (vs_host_stop_times(g_ptr_array_index(records, i), &start, &end))
            zero = MIN(zero, start);
    if (zero == INT64_MAX)
        zero = 0; /* no record has a time */
    for (unsigned i = 0; i < records->len; i++)
        add_record(timeline, &summary, g_ptr_array_index(records, i), zero);
    g_ptr_array_sort(timeline->bars, compare_bars);
    when = vs_when_zoned(zero);
    timeline->title = g_strdup_printf(_("Host stop of %s"), when);
    summary.took = timeline->total;
    timeline->summary = vs_summary_tell(&summary);
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
    timeline->summary = vs_plan_summarise(plan, " ");
    return timeline;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/plan.h"

#include <stdlib.h>

#include "rehearsal/shortage.h"
#include "util/span.h"
#include "util/wallclock.h"

static json_object *
milliseconds(int64_t usec)
{
    return usec == VS_USEC_INFINITY ? NULL : json_object_new_int64(usec / 1000);
}

/* @base: µs that stand for the beginning in the request's times. */
static json_object *
step_json(json_object *taken, int64_t base)
{
    json_object *object = json_object_new_object();
    int64_t started, took;

    vs_json_set_string(object, "method", vs_json_string(taken, "method", ""));
    if (!vs_wallclock_parse(vs_json_string(taken, "started", ""), &started, NULL))
        started = base;
    vs_json_set_int(object, "start_ms", (started - base) / 1000);
    vs_json_set(object, "took_ms",
                vs_json_int(taken, "took_ms", &took) ? json_object_new_int64(took) : NULL);
    vs_json_set_string(object, "result", vs_json_string(taken, "result", NULL));
    return object;
}

static json_object *
steps_json(const VsSimulated *result)
{
    json_object *array = json_object_new_array(), *taken = vs_json_array(result->request, "steps");
    int64_t first;

    if (!taken || json_object_array_length(taken) == 0 ||
        !vs_wallclock_parse(vs_json_string(json_object_array_get_idx(taken, 0), "started", ""),
                            &first, NULL))
        return array;
    for (size_t i = 0; i < json_object_array_length(taken); i++)
        json_object_array_add(
            array, step_json(json_object_array_get_idx(taken, i), first - result->start));
    return array;
}

static json_object *
past(int64_t took)
{
    return took > 0 ? milliseconds(took) : NULL;
}

static json_object *
took(const VsSimulated *result)
{
    return result->end == VS_USEC_INFINITY ? NULL : milliseconds(result->end - result->start);
}

static json_object *
needs(const VsShortage *shortage, unsigned i)
{
    return shortage->cut && shortage->cut[i] ? milliseconds(shortage->end[i]) : NULL;
}

/* Of guest number @i. */
static json_object *
guest_json(const VsPolicy *policy, const VsForecast *runs, const VsShortage *shortage, unsigned i)
{
    const VsSimulated *expected = &runs->at[VS_PACE_USUAL]->results[i];
    const VsPlanGuest *guest = &runs->at[VS_PACE_USUAL]->guests[i];
    VsOutcome outcome = vs_forecast_outcome(runs, VS_PACE_USUAL, i);
    const VsDomainId *domain = &guest->info.domain;
    json_object *object = json_object_new_object();
    VsGuestPolicy own;

    vs_labels_resolve(policy, domain, guest->labels, &own);
    vs_json_set_string(object, "name", domain->name);
    vs_json_set_string(object, "uri", domain->uri);
    vs_json_set_int(object, "priority", own.priority);
    vs_json_set_int(object, "stops", guest->past.n_stops);
    vs_json_set(object, "median_ms", past(guest->past.median));
    vs_json_set(object, "longest_ms", past(guest->past.longest));
    vs_json_set(object, "start_ms", milliseconds(expected->start));
    vs_json_set(object, "took_ms", took(expected));
    vs_json_set(object, "soonest_ms",
                milliseconds(runs->at[VS_PACE_USUAL_AT_BEST]->results[i].end));
    vs_json_set(object, "slowest_ms", milliseconds(runs->at[VS_PACE_SLOWEST]->results[i].end));
    vs_json_set_string(object, "slowest_outcome",
                       vs_outcome_name(vs_forecast_outcome(runs, VS_PACE_SLOWEST, i)));
    vs_json_set(object, "worst_ms", milliseconds(runs->at[VS_PACE_NEVER]->results[i].end));
    vs_json_set_bool(object, "forced", outcome == VS_OUTCOME_FORCED);
    vs_json_set_string(object, "outcome", vs_outcome_name(outcome));
    vs_json_set_bool(object, "cut_short", shortage->cut && shortage->cut[i]);
    vs_json_set(object, "needs_ms", needs(shortage, i));
    vs_json_set_string(object, "waits_for", expected->waits_for);
    vs_json_set(object, "steps", steps_json(expected));
    return object;
}

typedef struct Order {
    int64_t start;
    unsigned number;
} Order;

static int
by_start(const void *a, const void *b)
{
    const Order *one = a, *other = b;

    if (one->start != other->start)
        return one->start < other->start ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

static json_object *
guests_json(const VsPolicy *policy, const VsForecast *runs, const VsShortage *shortage)
{
    const VsSimulation *expected = runs->at[VS_PACE_USUAL];
    json_object *array = json_object_new_array();
    g_autofree Order *order = g_new0(Order, expected->n_guests);

    for (unsigned i = 0; i < expected->n_guests; i++)
        order[i] = (Order){expected->results[i].start, i};
    if (expected->n_guests > 0)
        qsort(order, expected->n_guests, sizeof(Order), by_start);
    for (unsigned i = 0; i < expected->n_guests; i++)
        if (expected->results[order[i].number].takes_part)
            json_object_array_add(array, guest_json(policy, runs, shortage, order[i].number));
    return array;
}

json_object *
vs_plan_make(const VsPolicy *policy, const VsPlanGuest *guests, unsigned n_guests, int64_t budget,
             bool hooks)
{
    json_object *object = json_object_new_object();
    VsForecast runs;
    VsShortage shortage;
    VsPolicy shared;

    vs_policy_copy(&shared, policy);
    vs_forecast_make(&runs, &shared, guests, n_guests, budget, hooks, VS_PACE_NEVER);
    vs_shortage_find(&shortage, &runs, &shared, budget, true);
    vs_json_set(object, "total_ms", milliseconds(runs.at[VS_PACE_USUAL]->total));
    vs_json_set(object, "soonest_ms", milliseconds(runs.at[VS_PACE_USUAL_AT_BEST]->total));
    vs_json_set(object, "slowest_ms", milliseconds(runs.at[VS_PACE_SLOWEST]->total));
    vs_json_set(object, "worst_ms", milliseconds(runs.at[VS_PACE_NEVER]->total));
    vs_json_set(object, "budget_ms", milliseconds(runs.at[VS_PACE_USUAL]->budget));
    vs_json_set(object, "needed_ms", past(shortage.needed));
    vs_json_set(object, "hooks_ms", hooks ? milliseconds(policy->hook_timeout) : NULL);
    vs_json_set(object, "guests", guests_json(&shared, &runs, &shortage));
    vs_policy_clear(&shared);
    vs_shortage_clear(&shortage);
    vs_forecast_clear(&runs);
    return object;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/past-stop.h"

#include "util/span.h"
#include "util/wallclock.h"

/* More is no guest's going down, but a clock that was set, or a file that somebody wrote. */
#define MAX_TOOK (INT64_C(7) * 24 * 3600 * VS_USEC_PER_SEC)

VsMethodEffect
vs_past_step_effect(const VsPastStep *step)
{
    return vs_method_info(step->method)->effect;
}

/* @turn: realtime µs. False where it tells nothing. */
static bool
read_step(json_object *step, int64_t turn, VsPastStep *ret)
{
    int64_t started, took_ms = 0;

    if (!vs_method_find(vs_json_string(step, "method", ""), &ret->method) ||
        !vs_wallclock_parse(vs_json_string(step, "started", ""), &started, NULL))
        return false;
    vs_json_int(step, "took_ms", &took_ms);
    ret->started = CLAMP(started - turn, 0, MAX_TOOK);
    ret->took = CLAMP(took_ms, 0, MAX_TOOK / VS_USEC_PER_MSEC) * VS_USEC_PER_MSEC;
    ret->result = vs_json_string(step, "result", "");
    return true;
}

static void
read_steps(json_object *request, int64_t turn, GArray *taken)
{
    json_object *steps = vs_json_array(request, "steps");

    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        VsPastStep step;

        if (read_step(json_object_array_get_idx(steps, i), turn, &step))
            g_array_append_val(taken, step);
    }
}

bool
vs_past_stop_read(VsPastStop *ret, json_object *record)
{
    json_object *request = vs_json_object(record, "request");
    int64_t took_ms, time = 0;

    *ret = (VsPastStop){.taken = g_array_new(FALSE, FALSE, sizeof(VsPastStep))};
    if (!vs_cause_parse(vs_json_string(record, "cause", ""), &ret->cause) ||
        !vs_json_int(record, "took_ms", &took_ms) || took_ms <= 0 ||
        took_ms > MAX_TOOK / VS_USEC_PER_MSEC)
        return false;
    ret->took = took_ms * VS_USEC_PER_MSEC;
    if (!request)
        return true;
    vs_outcome_parse(vs_json_string(request, "outcome", ""), &ret->outcome);
    if (vs_wallclock_parse(vs_json_string(record, "time", ""), &time, NULL))
        read_steps(request, time - ret->took, ret->taken);
    return vs_json_array(request, "steps") &&
           json_object_array_length(vs_json_array(request, "steps")) > 0; /* else it had no turn */
}

void
vs_past_stop_clear(VsPastStop *stop)
{
    g_array_unref(stop->taken);
}

const VsPastStep *
vs_past_stop_step(const VsPastStop *stop, unsigned i)
{
    return &g_array_index(stop->taken, VsPastStep, i);
}

/* Whether @method is what a guest goes off by in that way. */
static bool
is_by(const VsPastStop *stop, const VsPastStep *taken)
{
    VsMethodEffect effect = vs_past_step_effect(taken);

    switch (stop->cause) {
    case VS_CAUSE_GUEST_AGENT:
        return taken->method == VS_METHOD_AGENT;
    case VS_CAUSE_POWER_BUTTON:
        return taken->method == VS_METHOD_POWER_BUTTON;
    case VS_CAUSE_GUEST_REQUEST:
    case VS_CAUSE_GUEST_INITIATED:
        return effect == VS_EFFECT_ASKS;
    case VS_CAUSE_SAVED:
        return effect == VS_EFFECT_SAVES;
    case VS_CAUSE_DESTROYED:
    case VS_CAUSE_HOST_SIGNAL:
        return stop->outcome == VS_OUTCOME_HALTED
                   ? effect == VS_EFFECT_ASKS
                   : effect == VS_EFFECT_ENDS || effect == VS_EFFECT_FORCES;
    default:
        return false;
    }
}

bool
vs_past_stop_was_in_vain(const VsPastStop *stop, unsigned i)
{
    static const char *const results[] = {"deadline", "budget",       "escalated",
                                          "rebooted", VS_STEP_WRITES, "went down"};

    for (unsigned r = 0; r < G_N_ELEMENTS(results); r++)
        if (g_str_equal(vs_past_stop_step(stop, i)->result, results[r]))
            return true;
    return false;
}

bool
vs_past_stop_was_waited_for(const VsPastStop *stop, unsigned i)
{
    return g_str_equal(vs_past_stop_step(stop, i)->result, "deadline");
}

static bool
was_heard(const VsPastStop *stop, unsigned i)
{
    return vs_past_stop_was_in_vain(stop, i) || i + 1 == stop->taken->len;
}

unsigned
vs_past_stop_first_like(const VsPastStop *stop, unsigned i)
{
    VsMethod method = vs_past_stop_step(stop, i)->method;
    unsigned first = 0;

    while (vs_past_stop_step(stop, first)->method != method || !was_heard(stop, first))
        first++;
    return first;
}

int
vs_past_stop_find_by(const VsPastStop *stop)
{
    for (unsigned i = stop->taken->len; i-- > 0;)
        if (is_by(stop, vs_past_stop_step(stop, i)) && was_heard(stop, i))
            return (int)vs_past_stop_first_like(stop, i);
    return -1;
}

/* Of what was done to the guest itself. */
static unsigned
find_first(const VsPastStop *stop)
{
    unsigned i = 0;

    while (vs_past_step_effect(vs_past_stop_step(stop, i)) == VS_EFFECT_NONE)
        i++;
    return i;
}

int64_t
vs_past_stop_before(const VsPastStop *stop)
{
    int64_t before = vs_past_stop_step(stop, 0)->started;

    for (unsigned i = find_first(stop); i-- > 0;)
        before += vs_past_stop_step(stop, i)->took;
    return before;
}

int64_t
vs_past_stop_first(const VsPastStop *stop)
{
    return vs_past_stop_step(stop, find_first(stop))->started;
}

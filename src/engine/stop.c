/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/stop.h"

#include "util/span.h"
#include "util/wallclock.h"

static const char *const phase_names[VS_N_PHASES] = {
    [VS_PHASE_QUEUED] = "queued",       [VS_PHASE_WAITING] = "waiting",
    [VS_PHASE_RESUMING] = "resuming",   [VS_PHASE_ASKED] = "asked",
    [VS_PHASE_GOING_OFF] = "going-off", [VS_PHASE_OFF] = "off",
};

const char *
vs_stop_phase_name(VsStopPhase phase)
{
    return phase_names[phase];
}

static void
taken_free(void *data)
{
    VsStepTaken *taken = data;

    g_free(taken->result);
    g_free(taken);
}

VsStopPhase
vs_stop_phase(const VsStop *stop)
{
    return stop->held_since > 0 && stop->phase < VS_PHASE_GOING_OFF ? VS_PHASE_WAITING
                                                                    : stop->phase;
}

VsMethod
vs_stop_last_method(const VsStop *stop)
{
    const VsStepTaken *taken = stop->taken->pdata[stop->taken->len - 1];

    return taken->method;
}

VsStop *
vs_stop_new(VsUuid id, const VsLadder *ladder, VsTime now)
{
    VsStop *stop = g_new0(VsStop, 1);

    stop->id = id;
    stop->phase = VS_PHASE_WAITING;
    if (ladder)
        stop->ladder = *ladder;
    stop->asked_real = now.real;
    stop->asked_mono = now.mono;
    stop->deadline = stop->reap_until = stop->next_press = VS_USEC_INFINITY;
    stop->taken = g_ptr_array_new_with_free_func(taken_free);
    return stop;
}

void
vs_stop_free(VsStop *stop)
{
    vs_requester_clear(&stop->by);
    g_free(stop->reason);
    g_ptr_array_unref(stop->taken);
    g_free(stop);
}

const VsStep *
vs_stop_step(const VsStop *stop)
{
    return stop->step < stop->ladder.n_steps ? &stop->ladder.steps[stop->step] : NULL;
}

static VsStepTaken *
last_taken(const VsStop *stop)
{
    return stop->taken->len > 0 ? stop->taken->pdata[stop->taken->len - 1] : NULL;
}

void
vs_stop_begin_step(VsStop *stop, VsMethod method, VsTime now)
{
    VsStepTaken *taken = g_new0(VsStepTaken, 1);

    taken->method = method;
    taken->started = now.real;
    taken->since = now.mono;
    taken->took = -1;
    g_ptr_array_add(stop->taken, taken);
}

void
vs_stop_end_step(VsStop *stop, const char *result, VsTime now)
{
    VsStepTaken *taken = last_taken(stop);

    if (!taken || taken->result)
        return;
    taken->took = now.mono - taken->since;
    taken->result = g_strdup(result);
}

static json_object *
requester_json(const VsRequester *by)
{
    json_object *object = json_object_new_object();

    vs_json_set_int(object, "uid", by->uid);
    if (by->pid > 0)
        vs_json_set_int(object, "pid", by->pid);
    if (by->comm)
        vs_json_set_string(object, "comm", by->comm);
    if (by->unit)
        vs_json_set_string(object, "unit", by->unit);
    return object;
}

static json_object *
steps_json(const VsStop *stop)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < stop->taken->len; i++) {
        const VsStepTaken *taken = stop->taken->pdata[i];
        json_object *object = json_object_new_object();
        g_autofree char *started = vs_wallclock_format(taken->started);

        vs_json_set_string(object, "method", vs_method_name(taken->method));
        vs_json_set_string(object, "started", started);
        vs_json_set(object, "took_ms",
                    taken->took >= 0 ? json_object_new_int64(taken->took / 1000) : NULL);
        vs_json_set_string(object, "result", taken->result);
        json_object_array_add(array, object);
    }
    return array;
}

json_object *
vs_stop_request(const VsStop *stop, VsOutcome outcome)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "stop", stop->id.text);
    vs_json_set(object, "by", stop->by_known ? requester_json(&stop->by) : NULL);
    vs_json_set_string(object, "reason", stop->reason);
    vs_json_set_string(object, "outcome", vs_outcome_name(outcome));
    vs_json_set(object, "steps", steps_json(stop));
    return object;
}

static json_object *
taken_to_json(const VsStop *stop)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < stop->taken->len; i++) {
        const VsStepTaken *taken = stop->taken->pdata[i];
        json_object *object = json_object_new_object();

        vs_json_set_int(object, "method", taken->method);
        vs_json_set_int(object, "started", taken->started);
        vs_json_set_int(object, "since", taken->since);
        vs_json_set_int(object, "took", taken->took);
        vs_json_set_string(object, "result", taken->result);
        json_object_array_add(array, object);
    }
    return array;
}

json_object *
vs_stop_to_json(const VsStop *stop)
{
    json_object *object = json_object_new_object();
    g_autofree char *ladder = vs_ladder_format(&stop->ladder);

    vs_json_set_string(object, "id", stop->id.text);
    vs_json_set_string(object, "ladder", ladder);
    vs_json_set_int(object, "step", stop->step);
    vs_json_set_int(object, "phase", stop->phase);
    vs_json_set_int(object, "asked_real", stop->asked_real);
    vs_json_set_int(object, "asked_mono", stop->asked_mono);
    vs_json_set_int(object, "deadline", stop->deadline);
    vs_json_set_int(object, "reap_until", stop->reap_until);
    vs_json_set_int(object, "presses", stop->presses);
    vs_json_set_int(object, "next_press", stop->next_press);
    vs_json_set_bool(object, "answered", stop->answered);
    vs_json_set_bool(object, "destroying", stop->destroying);
    vs_json_set_bool(object, "still_there", stop->still_there);
    vs_json_set_int(object, "until", stop->until);
    vs_json_set_bool(object, "queued", stop->queued);
    vs_json_set_int(object, "host_deadline", stop->host_deadline);
    vs_json_set_bool(object, "host_down", stop->host_down);
    vs_json_set(object, "by", stop->by_known ? requester_json(&stop->by) : NULL);
    vs_json_set_string(object, "reason", stop->reason);
    vs_json_set(object, "taken", taken_to_json(stop));
    return object;
}

static bool
taken_from_json(VsStop *stop, json_object *array)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *object = json_object_array_get_idx(array, i);
        VsStepTaken *taken;
        int64_t method, started, since, took;

        if (!vs_json_int(object, "method", &method) || method < 0 || method >= VS_N_METHODS ||
            !vs_json_int(object, "started", &started) || !vs_json_int(object, "since", &since) ||
            since < 0 || !vs_json_int(object, "took", &took))
            return false;
        taken = g_new0(VsStepTaken, 1);
        *taken = (VsStepTaken){.method = method, .started = started, .since = since, .took = took};
        taken->result = g_strdup(vs_json_string(object, "result", NULL));
        g_ptr_array_add(stop->taken, taken);
    }
    return array != NULL;
}

static void
by_from_json(VsStop *stop, json_object *object)
{
    int64_t uid, pid = 0;

    if (!object || !vs_json_int(object, "uid", &uid))
        return;
    vs_json_int(object, "pid", &pid);
    stop->by = (VsRequester){.uid = uid, .pid = pid};
    stop->by.comm = g_strdup(vs_json_string(object, "comm", NULL));
    stop->by.unit = g_strdup(vs_json_string(object, "unit", NULL));
    stop->by_known = true;
}

/* Who waits for an answer has asked for something, and who asked for a step stands at it. */
static bool
is_consistent(const VsStop *stop)
{
    const VsStep *step = vs_stop_step(stop);
    const VsStepTaken *last = last_taken(stop);

    if (stop->asked_mono < 0)
        return false;
    if (stop->phase == VS_PHASE_RESUMING)
        return last && last->method == VS_METHOD_RESUME;
    return stop->phase != VS_PHASE_ASKED || (step && last && last->method == step->method);
}

VsStop *
vs_stop_from_json(json_object *object)
{
    const char *id = vs_json_string(object, "id", "");
    int64_t step, phase, presses;
    VsLadder ladder;
    VsStop *stop;

    if (!vs_uuid_is_valid(id) ||
        !vs_ladder_parse(vs_json_string(object, "ladder", ""), &ladder, NULL) ||
        !vs_json_int(object, "step", &step) || step < 0 || step > ladder.n_steps ||
        !vs_json_int(object, "phase", &phase) || phase < 0 || phase >= VS_N_PHASES ||
        !vs_json_int(object, "presses", &presses) || presses < 0)
        return NULL;

    stop = vs_stop_new((VsUuid){0}, &ladder, (VsTime){0});
    g_strlcpy(stop->id.text, id, sizeof(stop->id.text));
    stop->step = step;
    stop->phase = phase;
    stop->presses = presses;
    stop->answered = vs_json_bool(object, "answered", false);
    stop->destroying = vs_json_bool(object, "destroying", false);
    stop->still_there = vs_json_bool(object, "still_there", false);
    vs_json_int(object, "until", &stop->until);
    stop->queued = vs_json_bool(object, "queued", false);
    vs_json_int(object, "host_deadline", &stop->host_deadline);
    stop->host_down = vs_json_bool(object, "host_down", false);
    stop->reason = g_strdup(vs_json_string(object, "reason", NULL));
    by_from_json(stop, vs_json_object(object, "by"));
    if (!vs_json_int(object, "asked_real", &stop->asked_real) ||
        !vs_json_int(object, "asked_mono", &stop->asked_mono) ||
        !vs_json_int(object, "deadline", &stop->deadline) ||
        !vs_json_int(object, "reap_until", &stop->reap_until) ||
        !vs_json_int(object, "next_press", &stop->next_press) ||
        !taken_from_json(stop, vs_json_array(object, "taken")) || !is_consistent(stop)) {
        vs_stop_free(stop);
        return NULL;
    }
    return stop;
}

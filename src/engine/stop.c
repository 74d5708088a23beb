/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/stop.h"

#include "util/span.h"

/* A call that takes longer was held up by a libvirt or a QEMU that stood still. */
#define LATE (VS_USEC_PER_SEC / 2)

static const char *const phase_names[VS_N_PHASES] = {
    [VS_PHASE_QUEUED] = "queued",
    [VS_PHASE_PREPARING] = "preparing",
    [VS_PHASE_WAITING] = "waiting",
    [VS_PHASE_RESUMING] = "resuming",
    [VS_PHASE_ASKED] = "asked",
    [VS_PHASE_SETTLING] = "asked",
    [VS_PHASE_DESTROYING] = "asked",
    [VS_PHASE_GOING_OFF] = "going-off",
    [VS_PHASE_CLEANING_UP] = "cleaning-up",
    [VS_PHASE_OFF] = "off",
};

const char *
vs_stop_phase_name(VsStopPhase phase)
{
    return phase_names[phase];
}

bool
vs_call_is_out(const VsCall *call)
{
    return call->state == VS_CALL_INTENT || call->state == VS_CALL_HELD ||
           call->state == VS_CALL_MADE;
}

void
vs_call_clear(VsCall *call)
{
    g_free(call->message);
    *call = (VsCall){.state = VS_CALL_NONE};
}

static void
taken_free(void *data)
{
    VsStepTaken *taken = data;

    g_free(taken->result);
    g_free(taken);
}

VsStop *
vs_stop_new(VsUuid id, const VsLadder *ladder, VsTime now)
{
    VsStop *stop = g_new0(VsStop, 1);

    stop->id = id;
    stop->ladder = *ladder;
    stop->asked_real = now.real;
    stop->asked_mono = now.mono;
    stop->no_later = stop->turn_by = VS_USEC_INFINITY;
    stop->taken = g_ptr_array_new_with_free_func(taken_free);
    vs_stop_set_phase(stop, VS_PHASE_WAITING, now);
    return stop;
}

void
vs_stop_free(VsStop *stop)
{
    vs_requester_clear(&stop->by);
    vs_requester_clear(&stop->off_by);
    vs_call_clear(&stop->call);
    g_free(stop->reason);
    g_free(stop->waited_for);
    g_free(stop->unkept);
    g_ptr_array_unref(stop->taken);
    g_free(stop);
}

/* Which phases have a use for what. */
static bool
has_call(VsStopPhase phase)
{
    return phase >= VS_PHASE_RESUMING;
}

static bool
has_deadline(VsStopPhase phase)
{
    return phase == VS_PHASE_PREPARING ||
           (phase >= VS_PHASE_RESUMING && phase <= VS_PHASE_CLEANING_UP);
}

static bool
has_presses(VsStopPhase phase)
{
    return phase == VS_PHASE_RESUMING || phase == VS_PHASE_ASKED;
}

static bool
has_interruption(VsStopPhase phase)
{
    return phase == VS_PHASE_RESUMING || phase == VS_PHASE_ASKED || phase == VS_PHASE_SETTLING;
}

static bool
has_next(VsStopPhase phase)
{
    return phase == VS_PHASE_WAITING || phase == VS_PHASE_RESUMING || phase == VS_PHASE_ASKED ||
           phase == VS_PHASE_SETTLING;
}

void
vs_stop_got_through(VsStop *stop, VsRun *run, VsTime now)
{
    VsCall *call = &stop->call;

    call->waited += MAX(now.mono - call->since, 1);
    call->since = now.mono;
    vs_run_heard_late(run, call->id, now.mono);
}

void
vs_stop_may_have_got_through_late(VsStop *stop, VsRun *run, VsTime now)
{
    const VsCall *call = &stop->call;
    const VsAsked *asked = vs_run_find_asked(run, call->id);

    if (call->state == VS_CALL_MADE && vs_method_info(call->method)->presses &&
        now.mono - call->since >= LATE && !(asked && asked->heard == VS_HEARD_YES))
        vs_stop_got_through(stop, run, now);
}

void
vs_stop_set_phase(VsStop *stop, VsStopPhase phase, VsTime now)
{
    stop->phase = phase;
    stop->since = now.mono;
    if (!has_call(phase))
        vs_call_clear(&stop->call);
    if (!has_deadline(phase))
        stop->deadline = VS_USEC_INFINITY;
    if (phase != VS_PHASE_PREPARING && stop->preparation != VS_PREPARATION_NONE)
        stop->preparation = VS_PREPARATION_OVER;
    if (!has_presses(phase)) {
        stop->presses = stop->failures = 0;
        stop->rebooted = 0;
        stop->boots = 0;
    }
    if (phase != VS_PHASE_CLEANING_UP)
        stop->checked = 0;
    if (!has_interruption(phase)) {
        stop->interrupted = VS_INTERRUPTED_NOT;
        stop->freed = 0;
    }
    if (!has_next(phase))
        stop->next_at = VS_USEC_INFINITY;
}

const VsStep *
vs_stop_step(const VsStop *stop)
{
    return stop->step < stop->ladder.n_steps ? &stop->ladder.steps[stop->step] : NULL;
}

bool
vs_stop_is_of_host_stop(const VsStop *stop)
{
    return stop->host_stop.text[0] != '\0';
}

bool
vs_stop_is_queued(const VsStop *stop)
{
    return vs_stop_is_of_host_stop(stop) && stop->until == 0;
}

bool
vs_stop_has_step_call(const VsStop *stop)
{
    return stop->phase == VS_PHASE_ASKED || stop->phase == VS_PHASE_DESTROYING;
}

bool
vs_stop_is_all_heard(const VsStop *stop, const VsRun *run)
{
    return stop->call.method == VS_METHOD_POWER_BUTTON && run->button.heard == VS_HEARD_YES &&
           stop->next_at == VS_USEC_INFINITY;
}

bool
vs_stop_can_be_steered(const VsStop *stop)
{
    return stop->phase < VS_PHASE_DESTROYING;
}

VsStopPhase
vs_stop_phase(const VsStop *stop)
{
    bool waits = stop->call.state == VS_CALL_HELD || stop->interrupted != VS_INTERRUPTED_NOT;

    return waits && stop->phase < VS_PHASE_GOING_OFF && stop->phase != VS_PHASE_RESUMING
               ? VS_PHASE_WAITING
               : stop->phase;
}

VsStepTaken *
vs_stop_last_taken(const VsStop *stop)
{
    return stop->taken->len > 0 ? stop->taken->pdata[stop->taken->len - 1] : NULL;
}

unsigned
vs_stop_n_broken(const VsStop *stop)
{
    const VsStep *step = vs_stop_step(stop);
    unsigned n = 0;

    while (step && n < stop->taken->len) {
        const VsStepTaken *taken = stop->taken->pdata[stop->taken->len - 1 - n];

        if (taken->method != step->method || !taken->result)
            break;
        n++;
    }
    return n;
}

int64_t
vs_stop_step_since(const VsStop *stop)
{
    const VsStepTaken *first = vs_stop_last_taken(stop);

    for (unsigned i = stop->taken->len; i > 0; i--) {
        const VsStepTaken *taken = stop->taken->pdata[i - 1];

        if (taken->method != first->method)
            break;
        first = taken;
    }
    return first->since;
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
    VsStepTaken *taken = vs_stop_last_taken(stop);

    if (!taken || taken->result)
        return;
    taken->took = now.mono - taken->since;
    taken->result = g_strdup(result);
}

/* Who waits for an answer has asked for something, and who asked for a step stands at it. */
static bool
stands_at_its_step(const VsStop *stop)
{
    const VsStep *step = vs_stop_step(stop);
    const VsStepTaken *last = vs_stop_last_taken(stop);

    switch (stop->phase) {
    case VS_PHASE_RESUMING:
        return last && (last->method == VS_METHOD_RESUME || last->method == VS_METHOD_WAKE);
    case VS_PHASE_SETTLING:
        return step && step->method == VS_METHOD_AGENT && last && last->method == VS_METHOD_AGENT;
    case VS_PHASE_DESTROYING:
        return step && step->method == VS_METHOD_DESTROY && last &&
               last->method == VS_METHOD_DESTROY;
    case VS_PHASE_ASKED:
        return step && step->method != VS_METHOD_DESTROY && last && last->method == step->method;
    default:
        return true;
    }
}

static bool
call_fits(const VsStop *stop)
{
    switch (stop->call.state) {
    case VS_CALL_NONE:
        return stop->phase < VS_PHASE_RESUMING || stop->phase >= VS_PHASE_GOING_OFF;
    case VS_CALL_REFUSED:
        return false; /* the stop has not moved on for it */
    case VS_CALL_STILL_THERE:
        return stop->call.method == VS_METHOD_DESTROY;
    case VS_CALL_INTENT:
    case VS_CALL_HELD:
    case VS_CALL_LOST:
        return stop->phase < VS_PHASE_GOING_OFF && has_call(stop->phase);
    default:
        return has_call(stop->phase);
    }
}

const char *
vs_stop_complaint(const VsStop *stop)
{
    if (stop->asked_mono < 0)
        return "it was asked for before time began";
    if (!stands_at_its_step(stop))
        return "it does not stand at the step that it has taken";
    if (!call_fits(stop))
        return "its call does not fit its phase";
    if (stop->phase == VS_PHASE_PREPARING &&
        (stop->preparation == VS_PREPARATION_NONE || stop->deadline == VS_USEC_INFINITY))
        return "it waits for hooks that do not run, or for ever";
    if (stop->phase == VS_PHASE_QUEUED && !vs_stop_is_queued(stop))
        return "it waits for a turn in no host stop";
    if (stop->presses > 0 &&
        (!vs_stop_step(stop) || vs_stop_step(stop)->method != VS_METHOD_POWER_BUTTON))
        return "it counts presses of another step";
    if (stop->wish != VS_WISH_NONE)
        return "what was asked of it was not done";
    return NULL;
}

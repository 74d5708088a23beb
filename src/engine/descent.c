/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include "util/span.h"

/* A guest's way down the ladder. vs_descent_advance() looks at where a stop stands and does what is
 * due; it is called whenever something happened, and does nothing twice. */

/* What a resume may take; a guest that is paused still can't be asked. */
#define RESUME_SPAN (10 * VS_USEC_PER_SEC)

/* How much longer than its own time a step may wait for its call to be made. In a host stop that is
 * limited by the budget alone: those who hang and hold up the others are ended meanwhile. */
#define HELD_SPAN (60 * VS_USEC_PER_SEC)

/* Between the system's end and the process's: libvirt kills at 10 s and gives up at 40 s. */
#define REAP_SPAN (45 * VS_USEC_PER_SEC)

static bool
is_paused(const VsGuest *guest)
{
    return guest->state == VS_STATE_PAUSED;
}

static void
resume(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    stop->phase = VS_PHASE_RESUMING;
    stop->deadline = vs_later(engine->now.mono, RESUME_SPAN);
    vs_stop_begin_step(stop, VS_METHOD_RESUME, engine->now);
    vs_ask_call(engine, guest, VS_METHOD_RESUME);
}

/* Somebody who is to be asked must be able to hear. */
static bool
wants_resume(const VsEngine *engine, const VsGuest *guest)
{
    const VsStep *step = vs_stop_step(guest->stop);
    VsGuestPolicy policy;

    if (!is_paused(guest) || guest->stop->taken->len > 0)
        return false;
    vs_policy_resolve(&engine->policy, guest->domain.name, &policy);
    return policy.resume_paused && step && vs_method_info(step->method)->need == VS_NEED_RUNNING;
}

static void
begin(VsEngine *engine, VsGuest *guest)
{
    if (wants_resume(engine, guest))
        resume(engine, guest);
    else
        vs_ask_take_step(engine, guest);
}

void
vs_descent_next_step(VsEngine *engine, VsGuest *guest, const char *result)
{
    VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    vs_stop_end_step(stop, result, engine->now);
    vs_ask_no_more(engine, guest);
    if (stop->phase == VS_PHASE_RESUMING) {
        vs_ask_take_step(engine, guest);
        return;
    }
    if (step && vs_method_info(step->method)->effect == VS_EFFECT_FORCES) {
        vs_descent_finish(engine, guest, VS_OUTCOME_FAILED);
        return;
    }
    stop->step++;
    stop->phase = VS_PHASE_WAITING;
    stop->deadline = VS_USEC_INFINITY;
    vs_engine_unsaved(engine, guest);
    if (vs_connections_can_act(engine, guest))
        vs_ask_take_step(engine, guest);
}

/* The system is down, but the process stays: only a destroy can help now. */
static void
reap(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->destroying || !vs_ladder_forces(&stop->ladder)) {
        vs_stop_end_step(stop, "process stays", engine->now);
        vs_descent_finish(engine, guest, VS_OUTCOME_FAILED);
        return;
    }
    stop->step = stop->ladder.n_steps - 1;
    vs_ask_take_step(engine, guest);
}

static void
look_again(VsEngine *engine, VsGuest *guest)
{
    if (vs_stop_step(guest->stop)->method == VS_METHOD_AGENT)
        vs_replies_agent_settled(engine, guest);
    else
        vs_ask_press_again(engine, guest);
}

/* The next press was due while libvirt was away. */
static bool
missed_press(const VsEngine *engine, const VsGuest *guest)
{
    return vs_method_info(vs_stop_step(guest->stop)->method)->presses &&
           guest->stop->next_press < vs_connections_settled_since(engine, guest);
}

/* The step's call was lost, or a daemon before us didn't get to it, or to the next press. Of a
 * host's budget there is as much as there is: a guest that couldn't be reached has its time when it
 * can. */
static void
reach_again(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (engine->now.mono < stop->retry_at)
        return;
    if (stop->until > 0)
        stop->deadline = vs_later(engine->now.mono, vs_ask_span(engine, stop));
    if (stop->answered)
        vs_ask_press_again(engine, guest);
    else
        vs_ask_call(engine, guest, vs_stop_step(stop)->method);
}

/* Monotonic µs: when the time of a step is over. As long as its call can't be made, that isn't the
 * guest's fault. */
static int64_t
step_ends(const VsStop *stop)
{
    if (stop->held_since == 0)
        return stop->deadline;
    return stop->until > 0 ? VS_USEC_INFINITY : vs_later(stop->deadline, HELD_SPAN);
}

static void
advance_asked(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    bool unreached = stop->call == 0 && (!stop->answered || missed_press(engine, guest));

    if (engine->now.mono >= step_ends(stop) && !(unreached && stop->until > 0))
        vs_descent_next_step(engine, guest, "deadline");
    else if (unreached)
        reach_again(engine, guest);
    else if (stop->call == 0 && engine->now.mono >= stop->next_press)
        look_again(engine, guest);
}

static void
advance_resuming(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    bool due = engine->now.mono >= step_ends(stop);

    if (!is_paused(guest) || (due && (stop->call != 0 || stop->answered))) {
        vs_stop_end_step(stop, is_paused(guest) ? "deadline" : "resumed", engine->now);
        vs_ask_take_step(engine, guest);
    } else if (stop->call == 0 && !stop->answered && engine->now.mono >= stop->retry_at) {
        stop->deadline = vs_later(engine->now.mono, RESUME_SPAN);
        vs_ask_call(engine, guest, VS_METHOD_RESUME); /* it was lost */
    }
}

void
vs_descent_advance(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!stop || stop->adopted || !guest->run || guest->run->ended ||
        !vs_connections_can_act(engine, guest))
        return;
    switch (stop->phase) {
    case VS_PHASE_WAITING:
        begin(engine, guest);
        break;
    case VS_PHASE_RESUMING:
        advance_resuming(engine, guest);
        break;
    case VS_PHASE_ASKED:
        advance_asked(engine, guest);
        break;
    case VS_PHASE_GOING_OFF:
        if (engine->now.mono >= stop->reap_until)
            reap(engine, guest);
        break;
    default:
        break;
    }
}

void
vs_descent_going_off(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!stop || stop->destroying || stop->phase >= VS_PHASE_GOING_OFF)
        return;
    if (guest->run->shutdown < VS_SHUTDOWN_REASON_HOST_SIGNAL) /* else it is being cut off */
        vs_stop_end_step(stop, "went down", engine->now);
    stop->phase = VS_PHASE_GOING_OFF;
    stop->reap_until = vs_later(engine->now.mono, REAP_SPAN);
    vs_ask_changed(engine, guest);
}

/* It may have been on its way off when the stop came to this step. */
static bool
has_begun_step(const VsStop *stop)
{
    const VsStepTaken *last =
        stop->taken->len > 0 ? stop->taken->pdata[stop->taken->len - 1] : NULL;
    const VsStep *step = vs_stop_step(stop);

    return step && last && last->method == step->method && stop->deadline != VS_USEC_INFINITY;
}

/* The guest rebooted: what it was asked is forgotten, but the step's time runs on, and so does the
 * ladder. */
void
vs_descent_new_attempt(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!stop || stop->adopted || stop->destroying || stop->phase <= VS_PHASE_RESUMING)
        return;
    vs_stop_end_step(stop, "rebooted", engine->now);
    if (stop->queued)
        stop->phase = VS_PHASE_QUEUED;
    else if (stop->phase == VS_PHASE_GOING_OFF)
        stop->phase = has_begun_step(stop) ? VS_PHASE_ASKED : VS_PHASE_WAITING;
    stop->answered = true;
    stop->next_press = VS_USEC_INFINITY;
    vs_ask_changed(engine, guest);
}

static void
set_step_deadline(VsEngine *engine, VsGuest *guest, int64_t deadline)
{
    guest->stop->deadline = deadline;
    vs_run_prolong(guest->run, guest->stop->asked_mono, deadline);
    vs_ask_changed(engine, guest);
}

/* Its share of the host's budget may have become less. */
void
vs_descent_shorten(VsEngine *engine, VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    int64_t deadline = vs_later(engine->now.mono, vs_ask_span(engine, stop));

    if (stop->phase == VS_PHASE_ASKED && !stop->destroying && deadline < stop->deadline)
        set_step_deadline(engine, guest, deadline);
}

/* There is @span more of it: what its step was shortened by comes back to it, as far as that goes.
 */
void
vs_descent_lengthen(VsEngine *engine, VsGuest *guest, int64_t span)
{
    const VsStop *stop = guest->stop;
    const VsStepTaken *taken;
    int64_t all;

    if (stop->phase != VS_PHASE_ASKED || stop->destroying)
        return;
    taken = stop->taken->pdata[stop->taken->len - 1];
    all = vs_later(taken->since, vs_stop_step(stop)->span);
    if (all > stop->deadline)
        set_step_deadline(engine, guest, MIN(all, vs_later(stop->deadline, span)));
}

/* Now that its call is made the step's time begins. */
static void
begin_anew(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    int64_t waited = engine->now.mono - stop->held_since;

    stop->held_since = 0;
    if (stop->next_press != VS_USEC_INFINITY)
        stop->next_press = vs_later(stop->next_press, waited);
    if (stop->phase == VS_PHASE_ASKED && vs_host_turn_allow_again(engine, guest))
        set_step_deadline(engine, guest, vs_later(engine->now.mono, vs_ask_span(engine, stop)));
    else
        set_step_deadline(engine, guest, vs_later(stop->deadline, waited));
}

void
vs_descent_held(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsStop *stop = guest ? guest->stop : NULL;

    if (!stop || !guest->run || guest->run->ended || stop->call == 0 ||
        stop->call != event->held.call || event->held.held == (stop->held_since > 0))
        return;
    if (event->held.held) {
        stop->held_since = engine->now.mono;
        vs_ask_changed(engine, guest);
    } else {
        begin_anew(engine, guest);
    }
}

/* There is no time for more than that. */
void
vs_descent_to_last_step(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->destroying || stop->phase >= VS_PHASE_GOING_OFF)
        return;
    vs_stop_end_step(stop, "budget", engine->now);
    vs_ask_no_more(engine, guest);
    stop->step = stop->ladder.n_steps - 1;
    stop->phase = VS_PHASE_WAITING;
    stop->deadline = VS_USEC_INFINITY;
    vs_ask_changed(engine, guest);
    vs_descent_advance(engine, guest);
}

void
vs_descent_finish(VsEngine *engine, VsGuest *guest, VsOutcome outcome)
{
    VsStop *stop = guest->stop;
    VsAction *action = vs_engine_do(engine, VS_ACTION_STOP_FINISHED, guest);

    vs_ask_no_more(engine, guest);
    vs_host_stop_done(engine, guest, outcome);
    action->stop = stop->id;
    action->outcome = outcome;
    vs_stop_end_step(stop, vs_outcome_name(outcome), engine->now);

    /* What the guest was asked can't be taken back: it may still go down for it. */
    if (guest->run && !guest->run->ended) {
        g_clear_pointer(&guest->run->past_request, json_object_put);
        guest->run->past_request = vs_stop_request(stop, outcome);
    }
    g_clear_pointer(&guest->stop, vs_stop_free);
    vs_engine_unsaved(engine, guest);
    vs_engine_changed(engine, guest);
}

/* Monotonic µs: when there is something to be done for a guest that is being asked. */
static int64_t
next_move(const VsStop *stop)
{
    if (stop->call != 0)
        return step_ends(stop);
    if (stop->answered)
        return MIN(stop->deadline, stop->next_press);
    /* A host stop's deadline doesn't count for a guest that wasn't reached. */
    return stop->until > 0 ? stop->retry_at : MIN(stop->deadline, stop->retry_at);
}

int64_t
vs_descent_next_timer(const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    int64_t settled;

    if (guest->run && guest->run->ended)
        return guest->run->log_deadline;
    if (!stop || stop->adopted || !guest->run || guest->taken_over)
        return VS_USEC_INFINITY;
    settled = vs_connections_settled_at(engine, guest);
    switch (stop->phase) {
    case VS_PHASE_WAITING:
        return settled;
    case VS_PHASE_ASKED:
        return MAX(settled, next_move(stop));
    case VS_PHASE_RESUMING:
        return MAX(settled, stop->call == 0 && !stop->answered ? stop->retry_at : step_ends(stop));
    case VS_PHASE_GOING_OFF:
        return MAX(settled, stop->reap_until);
    default:
        return VS_USEC_INFINITY;
    }
}

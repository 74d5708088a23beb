/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/descent.h"

#include "engine/cleaning.h"
#include "engine/connections.h"
#include "engine/detour.h"
#include "engine/due.h"
#include "engine/hooks.h"
#include "engine/intent.h"
#include "engine/reboot.h"
#include "engine/refusals.h"
#include "engine/save.h"
#include "engine/steps.h"
#include "engine/stop-end.h"
#include "engine/watch.h"
#include "util/span.h"

/* What a disk takes that is well. */
#define INTENT_SLACK (100 * VS_USEC_PER_MSEC)

/* What isn't answered for good is asked again: the call was lost, or a daemon before us didn't get
 * to it. */
static void
call_again(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->phase == VS_PHASE_RESUMING) {
        vs_steps_resume(engine, guest);
        return;
    }
    if (vs_save_is_cut(stop)) { /* by a daemon before us, perhaps in vain */
        stop->call.state = VS_CALL_ANSWERED;
        vs_save_cut(engine, guest, NULL);
        return;
    }
    stop->deadline = vs_later(engine->now.mono, vs_steps_span(engine, stop));
    if (stop->presses > 0 && stop->presses < vs_stop_step(stop)->presses)
        stop->next_at = vs_later(engine->now.mono, vs_stop_step(stop)->gap);
    vs_steps_call_again(engine, guest);
}

/* A press that couldn't be made in its time leaves the guest as long as it would have had. */
static void
make_up(VsEngine *engine, VsStop *stop)
{
    int64_t late = engine->now.mono - stop->next_at;

    if (vs_engine_is_late(late))
        stop->deadline = vs_later(stop->deadline, late);
}

static void
press(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    /* Where no press was taken yet the step can turn out not to work. */
    const char *why = stop->presses == 0 ? vs_guest_why_not(guest, VS_METHOD_POWER_BUTTON) : NULL;

    if (vs_due_missed_press(engine, guest))
        stop->deadline = vs_later(engine->now.mono, vs_steps_span(engine, stop));
    else
        make_up(engine, stop);
    if (why)
        vs_steps_next(engine, guest, why);
    else
        vs_steps_press_again(engine, guest);
}

/* The agent's port was closed, so it had heard, and goes down; or it had not. */
static void
agent_settled(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    g_autofree char *message = g_strdup(stop->call.message);

    if (guest->run->port_closed) {
        vs_stop_set_phase(stop, VS_PHASE_ASKED, engine->now);
        stop->next_at = VS_USEC_INFINITY;
        return;
    }
    if (!guest->run->agent.awake) /* else QEMU may still tell that its system was down by then */
        guest->run->agent = (VsAsked){0};
    vs_steps_failed(engine, guest, message);
}

/* The system is down, but the process stays: only a destroy can help now. */
static void
reap(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (!vs_ladder_forces(&stop->ladder)) {
        vs_stop_end_step(stop, "process stays", engine->now);
        vs_stop_end(engine, guest, VS_OUTCOME_FAILED);
        return;
    }
    vs_stop_drop_call(engine, guest);
    stop->step = stop->ladder.n_steps - 1;
    vs_steps_take(engine, guest);
}

/* There is no time left for the step that it stands at. The record says so, and where that could
 * not even be taken. */
static void
end_unfinished(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    bool queued = stop->phase == VS_PHASE_QUEUED;
    const char *result = queued                               ? VS_STEP_NO_TURN
                         : vs_due_is_unreached(engine, guest) ? VS_STEP_NOT_REACHED
                                                              : "budget";

    if (stop->phase <= VS_PHASE_WAITING && stop->step + 1 < stop->ladder.n_steps)
        vs_stop_begin_step(stop, vs_stop_step(stop)->method, engine->now);
    vs_stop_end_step(stop, result, engine->now);
}

/* Whatever it stands at. */
static void
to_last_step(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    end_unfinished(engine, guest);
    vs_stop_drop_call(engine, guest);
    stop->step = stop->ladder.n_steps - 1;
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    stop->next_at = VS_USEC_INFINITY; /* no press is to come any more */
    vs_engine_stop_changed(engine, guest);
}

static void
set_step_deadline(VsEngine *engine, VsGuest *guest, int64_t deadline)
{
    guest->stop->deadline = deadline;
    vs_run_prolong(guest->run, guest->stop->asked_mono, deadline);
    vs_engine_stop_changed(engine, guest);
}

static bool
has_share(const VsEngine *engine, const VsGuest *guest)
{
    const VsHostStop *host_stop = vs_engine_host_stop_of(engine, guest->stop);

    return host_stop && host_stop->phase == VS_HOST_STOP_STOPPING && guest->turn >= 0 &&
           vs_stop_has_step_call(guest->stop);
}

static bool
has_budget(const VsStop *stop)
{
    return !vs_stop_is_of_host_stop(stop) && stop->until > 0 && vs_stop_has_step_call(stop);
}

/* Its call was held, or libvirt was silent, and it gets through now: the step's time begins. */
static void
begin_anew(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    int64_t waited = stop->call.waited;

    stop->call.waited = 0;
    if (stop->next_at != VS_USEC_INFINITY)
        stop->next_at = vs_later(stop->next_at, waited);
    set_step_deadline(engine, guest,
                      has_share(engine, guest) || has_budget(stop)
                          ? vs_later(engine->now.mono, vs_steps_span(engine, stop))
                          : vs_later(stop->deadline, waited));
}

/* The step's time begins when its call is made. */
static void
make_call(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;
    int64_t waited = engine->now.mono - stop->call.since;

    vs_intent_end(engine, guest);
    vs_steps_make_call(engine, guest);
    if (waited < INTENT_SLACK)
        return;
    stop->call.waited = waited;
    begin_anew(engine, guest);
}

static void
act(VsEngine *engine, VsGuest *guest, VsDue due)
{
    switch (due) {
    case VS_DUE_NOTHING:
        break;
    case VS_DUE_HOOKS:
        vs_hooks_run(engine, guest);
        break;
    case VS_DUE_PREPARED:
        vs_hooks_end(engine, guest);
        break;
    case VS_DUE_BEGIN:
        if (vs_hooks_are_wanted(engine, guest->stop))
            vs_hooks_begin(engine, guest);
        else
            vs_steps_take(engine, guest);
        break;
    case VS_DUE_RESUMED:
        vs_detour_resumed(engine, guest);
        break;
    case VS_DUE_INTERRUPT:
        vs_detour_interrupt(engine, guest);
        break;
    case VS_DUE_ASK_WHY:
        guest->state_asked = engine->now.mono;
        vs_engine_look_up(engine, guest);
        break;
    case VS_DUE_GO_ON:
        vs_detour_go_on(engine, guest);
        break;
    case VS_DUE_CALL:
        make_call(engine, guest);
        break;
    case VS_DUE_CALL_AGAIN:
        call_again(engine, guest);
        break;
    case VS_DUE_PROBE:
        vs_connections_probe(engine, guest);
        break;
    case VS_DUE_ASK_JOB:
        vs_detour_ask_job(engine, guest);
        break;
    case VS_DUE_PRESS:
        press(engine, guest);
        break;
    case VS_DUE_ASK_AGAIN:
        vs_reboot_ask_again(engine, guest);
        break;
    case VS_DUE_SETTLED:
        agent_settled(engine, guest);
        break;
    case VS_DUE_WATCH:
        vs_watch_ask(engine, guest);
        break;
    case VS_DUE_DEADLINE:
        if (!vs_detour_grant_grace(engine, guest))
            vs_steps_next(engine, guest, "deadline");
        break;
    case VS_DUE_LAST_STEP:
        to_last_step(engine, guest);
        vs_steps_take(engine, guest);
        break;
    case VS_DUE_CLEANING:
        vs_cleaning_begin(engine, guest);
        break;
    case VS_DUE_REAP:
        reap(engine, guest);
        break;
    }
}

/* Its system is down. A call that nobody got to is called back: it asked for nothing. */
static void
going_off(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (guest->run->shutdown < VS_SHUTDOWN_REASON_HOST_SIGNAL) /* else it is being cut off */
        vs_stop_end_step(stop, "went down", engine->now);
    if (stop->call.state != VS_CALL_MADE)
        vs_stop_drop_call(engine, guest);
    vs_stop_set_phase(stop, VS_PHASE_GOING_OFF, engine->now);
    vs_engine_stop_followed(engine, guest);
}

/* Its record is being made. What is still of interest of its call is a destroy's answer. */
static void
off(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->call.state != VS_CALL_MADE && stop->call.state != VS_CALL_STILL_THERE)
        vs_stop_drop_call(engine, guest);
    vs_stop_set_phase(stop, VS_PHASE_OFF, engine->now);
}

/* What the facts mean for it, whether or not libvirt can be asked for anything now. */
static void
follow_facts(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->attempt != guest->run->attempt)
        vs_reboot_take(engine, guest);
    if (!guest->stop)
        return;
    if (guest->run->shutdown != VS_SHUTDOWN_REASON_NONE && stop->phase < VS_PHASE_GOING_OFF &&
        stop->phase != VS_PHASE_DESTROYING)
        going_off(engine, guest);
    if (stop->phase >= VS_PHASE_GOING_OFF && stop->call.state == VS_CALL_HELD)
        vs_stop_drop_call(engine, guest);
    if (stop->call.waited > 0)
        begin_anew(engine, guest);
    vs_detour_follow(engine, guest); /* what can work now comes before what follows a refusal */
    if (guest->stop && stop->call.state == VS_CALL_REFUSED)
        vs_refusals_take(engine, guest);
}

/* Escalating one that waits for its turn is the host stop's to do. One that waits for hooks is on
 * its way to its first step. */
static void
grant_wish(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    if (stop->wish == VS_WISH_CANCEL) {
        vs_stop_end(engine, guest, VS_OUTCOME_CANCELLED);
    } else if (stop->wish == VS_WISH_ESCALATE && stop->phase == VS_PHASE_PREPARING) {
        stop->wish = VS_WISH_NONE;
        vs_hooks_end(engine, guest);
    } else if (stop->wish == VS_WISH_ESCALATE && stop->phase != VS_PHASE_QUEUED) {
        stop->wish = VS_WISH_NONE;
        vs_steps_next(engine, guest, "escalated");
    }
}

/* When its hooks are over it is where it would be without them. */
static void
do_what_is_due(VsEngine *engine, VsGuest *guest)
{
    int64_t at;
    VsDue due;

    do {
        due = vs_due_next(engine, guest, &at);
        if (engine->now.mono >= at)
            act(engine, guest, due);
    } while (due == VS_DUE_PREPARED && engine->now.mono >= at);
}

void
vs_descent_move(VsEngine *engine, VsGuest *guest)
{
    if (!guest->stop || !guest->run)
        return;
    if (vs_run_is_over(guest->run)) {
        if (guest->stop->phase != VS_PHASE_OFF)
            off(engine, guest);
        return;
    }
    follow_facts(engine, guest);
    if (guest->stop)
        grant_wish(engine, guest);
    if (guest->stop && guest->run->phase == VS_RUN_ALIVE && vs_engine_can_act(engine, guest) &&
        !vs_engine_listens(engine))
        do_what_is_due(engine, guest);
}

int64_t
vs_descent_next_timer(const VsEngine *engine, const VsGuest *guest)
{
    int64_t at;

    if (!guest->stop || !guest->run || guest->run->phase != VS_RUN_ALIVE)
        return VS_USEC_INFINITY;
    vs_due_next(engine, guest, &at);
    return MAX(at, vs_engine_can_act_at(engine, guest));
}

void
vs_descent_release(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    stop->wish = VS_WISH_NONE;
    if (stop->phase != VS_PHASE_QUEUED)
        return; /* it is going off already, and is left to that */
    vs_stop_set_phase(stop, VS_PHASE_WAITING, engine->now);
    stop->asked_real = engine->now.real;
    stop->asked_mono = engine->now.mono;
    vs_descent_move(engine, guest);
}

/* Its process would stay for as long as a backup takes. */
static bool
is_kept(const VsGuest *guest)
{
    return guest->stop->phase == VS_PHASE_GOING_OFF && guest->run->kept;
}

void
vs_descent_to_last_step(VsEngine *engine, VsGuest *guest)
{
    bool kept = is_kept(guest);

    if (guest->stop->phase >= VS_PHASE_DESTROYING && !kept) {
        vs_engine_touch(engine, guest); /* a process that hangs isn't waited for so long now */
        return;
    }
    to_last_step(engine, guest);
    if (kept)
        vs_steps_take(engine, guest);
    else
        vs_descent_move(engine, guest);
}

void
vs_descent_shorten(VsEngine *engine, VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    int64_t deadline;

    if (stop->phase != VS_PHASE_ASKED && stop->phase != VS_PHASE_SETTLING)
        return;
    deadline = vs_later(engine->now.mono, vs_steps_span(engine, stop));
    if (deadline < stop->deadline)
        set_step_deadline(engine, guest, deadline);
}

/* What its step was shortened by comes back to it, as far as @span goes. */
void
vs_descent_lengthen(VsEngine *engine, VsGuest *guest, int64_t span)
{
    const VsStop *stop = guest->stop;
    int64_t all;

    if (stop->phase != VS_PHASE_ASKED && stop->phase != VS_PHASE_SETTLING)
        return;
    all = vs_later(vs_stop_step_since(stop), vs_stop_step(stop)->span);
    if (all > stop->deadline)
        set_step_deadline(engine, guest, MIN(all, vs_later(stop->deadline, span)));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/due.h"

#include "engine/cleaning.h"
#include "engine/description.h"
#include "engine/hooks.h"
#include "engine/intent.h"
#include "engine/obstacle.h"
#include "engine/watch.h"
#include "util/span.h"

/* What libvirt may take to clean up, with hooks of an administrator's, before it is taken for
 * stuck. */
#define CLEANING_SPAN (600 * VS_USEC_PER_SEC)

/* Between libvirt's answer that a guest runs and the word of that. */
#define RESUME_ECHO (2 * VS_USEC_PER_SEC)

/* So long the answer is waited for which job holds a guest. */
#define JOB_SPAN (VS_USEC_PER_SEC / 2)

/* Before a call that was lost with its connection is made again. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

/* A system that was woken brings up its devices first; till then it may not hear its button. */
#define WAKE_SPAN (2 * VS_USEC_PER_SEC)

/* After that a call that isn't answered makes one ask whether libvirt is there at all. It may be
 * that the guest's agent or its QEMU takes long. */
#define DOUBT (1 * VS_USEC_PER_SEC)

static bool
is_paused(const VsGuest *guest)
{
    return guest->state == VS_STATE_PAUSED;
}

/* A press that QEMU told of is done, whatever became of libvirt's answer. */
static VsCallState
call_state(const VsGuest *guest)
{
    const VsCall *call = &guest->stop->call;

    return call->state == VS_CALL_LOST && call->method == VS_METHOD_POWER_BUTTON &&
                   guest->run->button.heard == VS_HEARD_YES
               ? VS_CALL_ANSWERED
               : call->state;
}

/* As long as libvirt waits for an agent's answer, its XML has a port for connected that was closed
 * since, and that isn't told either. */
#define PORT_ECHO (6 * VS_USEC_PER_SEC)

/* Monotonic µs: when a guest that rebooted is asked again. An agent that was seen since shows that
 * it is up, and by its agent it can be asked only then. */
static int64_t
asks_again_at(const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);

    if (stop->next_at == VS_USEC_INFINITY)
        return VS_USEC_INFINITY; /* it was often enough */
    if (vs_guest_is_up_since(guest, stop->rebooted))
        return guest->reading.agent_told > stop->rebooted
                   ? 0
                   : vs_later(guest->reading.asked_at, PORT_ECHO);
    return step && vs_method_info(step->method)->way == VS_WAY_AGENT ? VS_USEC_INFINITY
                                                                     : stop->next_at;
}

static int64_t
next_ask(const VsGuest *guest)
{
    return guest->stop->rebooted > 0 ? asks_again_at(guest) : guest->stop->next_at;
}

bool
vs_due_missed_press(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return guest->stop->phase == VS_PHASE_ASKED && call_state(guest) == VS_CALL_ANSWERED &&
           connection && next_ask(guest) != VS_USEC_INFINITY &&
           guest->stop->next_at < connection->settled_at;
}

/* It owes a sign of life. */
static bool
is_silent(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return connection && connection->probed_at > 0;
}

bool
vs_due_is_unreached(const VsEngine *engine, const VsGuest *guest)
{
    VsCallState state = call_state(guest);

    return guest->stop->phase == VS_PHASE_WAITING || state == VS_CALL_INTENT ||
           state == VS_CALL_HELD || state == VS_CALL_LOST ||
           (state == VS_CALL_MADE && !vs_stop_is_all_heard(guest->stop, guest->run) &&
            is_silent(engine, guest));
}

/* Whether libvirt was there at that time or later, as far as it was asked. */
static bool
is_proved(const VsEngine *engine, const VsGuest *guest, int64_t since)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return engine->simulated || !connection || connection->proved_at >= since;
}

/* Whether the phase's call waits to be made, or to be made again; and when it is. */
static bool
is_to_be_made(const VsEngine *engine, const VsGuest *guest, VsDue *ret_due, int64_t *ret_at)
{
    switch (call_state(guest)) {
    case VS_CALL_INTENT:
        *ret_at = vs_intent_ends(engine, guest);
        *ret_due = VS_DUE_CALL;
        return true;
    case VS_CALL_LOST:
        *ret_at = vs_later(guest->stop->call.since, RETRY_PAUSE);
        *ret_due = VS_DUE_CALL_AGAIN;
        return true;
    default:
        return false;
    }
}

/* libvirt presses no button while a job of its own holds the domain, and takes 30 s to say so. */
static bool
may_be_held_by_job(const VsEngine *engine, const VsGuest *guest)
{
    const VsCall *call = &guest->stop->call;

    return call->state == VS_CALL_MADE && call->job_asked == 0 && !engine->simulated &&
           !vs_stop_is_all_heard(guest->stop, guest->run) &&
           (call->method == VS_METHOD_POWER_BUTTON || call->method == VS_METHOD_RESUME ||
            call->method == VS_METHOD_WAKE);
}

/* The step's time is over at @ends, but only where its call got through: nothing harder is done to
 * a guest before that. A libvirt that is away, or hangs, is waited for, and so is whoever could
 * make a call that is held. */
static VsDue
due_of_call(const VsEngine *engine, const VsGuest *guest, VsDue over, int64_t ends, int64_t *ret_at)
{
    const VsCall *call = &guest->stop->call;

    *ret_at = ends;
    if (call->state == VS_CALL_HELD || (call->state == VS_CALL_MADE && is_silent(engine, guest))) {
        *ret_at = VS_USEC_INFINITY;
    } else if (may_be_held_by_job(engine, guest)) {
        *ret_at = vs_later(call->since, CLAMP((ends - call->since) / 2, 0, DOUBT));
        return VS_DUE_ASK_JOB;
    } else if (call->state == VS_CALL_MADE && !is_proved(engine, guest, call->since)) {
        *ret_at = MIN(vs_later(call->since, DOUBT), ends);
        return VS_DUE_PROBE;
    } else if (call->state == VS_CALL_MADE && call->job_asked > 0 && !call->job_told) {
        *ret_at = MAX(ends, vs_later(call->job_asked, JOB_SPAN));
    }
    return over;
}

/* Behind the step nothing is done to the guest: what it was asked is over then. */
static bool
is_followed_by_nothing(const VsStop *stop)
{
    return stop->step + 1 >= stop->ladder.n_steps ||
           stop->ladder.steps[stop->step + 1].method == VS_METHOD_LEAVE;
}

/* What gives a guest up: it may have gone down, or be gone, and a libvirt that hangs has not told.
 */
static VsDue
due_of_end(const VsEngine *engine, const VsGuest *guest, VsDue due, int64_t at, int64_t *ret_at)
{
    *ret_at = at;
    if (is_proved(engine, guest, at))
        return due;
    if (is_silent(engine, guest))
        *ret_at = VS_USEC_INFINITY;
    return VS_DUE_PROBE;
}

/* A destroy that isn't answered, of one whose system is down: libvirt is busy with it already. */
static bool
is_cleaned_up(const VsGuest *guest)
{
    VsShutdownReason reason = guest->run->shutdown;

    return guest->stop->phase == VS_PHASE_DESTROYING && guest->stop->call.state == VS_CALL_MADE &&
           (reason == VS_SHUTDOWN_REASON_GUEST || reason == VS_SHUTDOWN_REASON_GUEST_RESET);
}

/* What is done about a pause depends on why it is one: that is known at @at, if it can be. */
static bool
ask_why(const VsGuest *guest, int64_t at, VsDue *ret_due, int64_t *ret_at)
{
    int64_t until;

    *ret_at = at;
    if (!vs_obstacle_is_unclear(guest, &until))
        return true;
    if (until == 0)
        *ret_due = VS_DUE_ASK_WHY;
    else
        *ret_at = MAX(at, until);
    return true;
}

/* A job kept the step's call from being made: it goes on when that is made. One that was refused is
 * made again, but not to a guest that the job, or somebody meanwhile, has paused. */
static bool
is_kept_by_job(const VsEngine *engine, const VsGuest *guest, VsDue *ret_due, int64_t *ret_at)
{
    int64_t at;

    *ret_due = VS_DUE_GO_ON;
    *ret_at = 0;
    if (!guest->stop->call.message)
        return true;
    if (!vs_obstacle_interrupts(engine, guest, VS_USEC_INFINITY, &at))
        return false;
    *ret_due = VS_DUE_INTERRUPT;
    if (vs_obstacle_remedy(engine, guest) == VS_REMEDY_WAIT)
        *ret_at = VS_USEC_INFINITY;
    return ask_why(guest, *ret_at, ret_due, ret_at);
}

/* Whether the step goes on only when what keeps the guest from it is over, or is to be broken off
 * for that; and when. */
static bool
is_kept(const VsEngine *engine, const VsGuest *guest, int64_t ends, VsDue *ret_due, int64_t *ret_at)
{
    VsRemedy remedy;

    *ret_due = VS_DUE_INTERRUPT;
    if (guest->stop->phase != VS_PHASE_ASKED)
        return false;
    if (guest->stop->interrupted == VS_INTERRUPTED_BY_JOB)
        return is_kept_by_job(engine, guest, ret_due, ret_at);
    if (guest->stop->interrupted != VS_INTERRUPTED_BY_STATE)
        return vs_obstacle_interrupts(engine, guest, ends, ret_at) &&
               ask_why(guest, *ret_at, ret_due, ret_at);
    remedy = vs_obstacle_remedy(engine, guest);
    *ret_due =
        remedy == VS_REMEDY_NONE || remedy == VS_REMEDY_LEAVE ? VS_DUE_GO_ON : VS_DUE_INTERRUPT;
    return ask_why(guest, remedy == VS_REMEDY_WAIT ? VS_USEC_INFINITY : 0, ret_due, ret_at);
}

static VsDue
due_of_next(const VsStop *stop)
{
    return stop->phase == VS_PHASE_SETTLING ? VS_DUE_SETTLED
           : stop->rebooted > 0             ? VS_DUE_ASK_AGAIN
                                            : VS_DUE_PRESS;
}

/* What is due next for a guest that is being asked, and when. One that couldn't be reached has its
 * time when it can: nothing harder is done to it before. */
static VsDue
due_of_step(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    const VsStop *stop = guest->stop;
    int64_t ends = vs_due_missed_press(engine, guest) || stop->interrupted == VS_INTERRUPTED_BY_JOB
                       ? VS_USEC_INFINITY
                       : stop->deadline;
    VsDue due = due_of_next(stop);
    int64_t next = next_ask(guest);

    if (is_to_be_made(engine, guest, &due, ret_at))
        return due;
    if (is_cleaned_up(guest))
        ends = MAX(ends, vs_later(stop->since, CLEANING_SPAN));
    if (call_state(guest) != VS_CALL_ANSWERED)
        return due_of_call(engine, guest, VS_DUE_DEADLINE, ends, ret_at);
    if (is_kept(engine, guest, ends, &due, ret_at))
        return due;
    due = due_of_next(stop);
    *ret_at = vs_watch_next(engine, guest);
    if (*ret_at < MIN(ends, next))
        return VS_DUE_WATCH;
    *ret_at = MIN(ends, next);
    if (next < ends)
        return due; /* also where it is late, and the step's time is over meanwhile */
    return is_followed_by_nothing(stop) ? due_of_end(engine, guest, VS_DUE_DEADLINE, ends, ret_at)
                                        : VS_DUE_DEADLINE;
}

/* A job that holds the guest is waited for; and after the answer, for the word that it runs. */
static int64_t
resume_ends(const VsStop *stop)
{
    const VsCall *call = &stop->call;

    if (call->state == VS_CALL_ANSWERED)
        return MAX(stop->deadline, vs_later(call->since, RESUME_ECHO));
    return call->job_holds ? VS_USEC_INFINITY : stop->deadline;
}

static VsDue
due_of_resume(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    const VsStop *stop = guest->stop;
    VsDue due;

    *ret_at = 0;
    if (!vs_obstacle_words(guest)) {
        if (vs_stop_last_taken(stop)->method == VS_METHOD_WAKE)
            *ret_at = vs_later(guest->state_since, WAKE_SPAN);
        return VS_DUE_RESUMED;
    }
    if (is_to_be_made(engine, guest, &due, ret_at))
        return due;
    return due_of_call(engine, guest, VS_DUE_RESUMED, resume_ends(stop), ret_at);
}

/* What a step depends on may be about to be told. */
static int64_t
step_begins(const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    const VsStep *step = vs_stop_step(stop);
    int64_t at = is_paused(guest) && stop->next_at != VS_USEC_INFINITY ? stop->next_at : 0;

    return step ? MAX(at, vs_description_awaited_until(guest, step->method)) : at;
}

/* Its system is down, and libvirt leaves it at that, or starts it anew. */
static bool
stays_by_policy(const VsGuest *guest)
{
    VsOnPoweroff action = guest->description.on_poweroff;

    return (action == VS_ON_POWEROFF_RESTART || action == VS_ON_POWEROFF_PRESERVE ||
            action == VS_ON_POWEROFF_RENAME_RESTART) &&
           guest->run->shutdown == VS_SHUTDOWN_REASON_GUEST &&
           vs_ladder_forces(&guest->stop->ladder);
}

static VsDue
due_of_going_off(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    *ret_at = guest->run->kept ? VS_USEC_INFINITY : 0;
    if (guest->run->kept || stays_by_policy(guest))
        return VS_DUE_REAP;
    *ret_at = vs_cleaning_begins_at(engine, guest);
    return VS_DUE_CLEANING;
}

/* While it cleans up libvirt answers nothing about the guest. One that QEMU said was sent the
 * signal isn't even asked for: each question would hold a worker, and those of the server, too. */
static VsDue
due_of_cleaning_up(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    const VsStop *stop = guest->stop;

    *ret_at = 0;
    if (!guest->run->reaped && stop->checked == 0)
        return VS_DUE_CLEANING;
    if (!guest->run->reaped && guest->informed >= stop->checked)
        return VS_DUE_REAP; /* it is still there */
    return due_of_end(engine, guest, VS_DUE_REAP, vs_later(stop->since, CLEANING_SPAN), ret_at);
}

static VsDue
due_of_phase(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    VsDue due;

    switch (guest->stop->phase) {
    case VS_PHASE_PREPARING:
        *ret_at = vs_hooks_due_at(engine, guest);
        return guest->stop->preparation == VS_PREPARATION_INTENT ? VS_DUE_HOOKS : VS_DUE_PREPARED;
    case VS_PHASE_WAITING:
        due = VS_DUE_BEGIN;
        if (vs_obstacle_matters(guest->stop))
            ask_why(guest, step_begins(guest), &due, ret_at);
        else
            *ret_at = step_begins(guest);
        return due;
    case VS_PHASE_RESUMING:
        return due_of_resume(engine, guest, ret_at);
    case VS_PHASE_ASKED:
    case VS_PHASE_SETTLING:
    case VS_PHASE_DESTROYING:
        return due_of_step(engine, guest, ret_at);
    case VS_PHASE_GOING_OFF:
        return due_of_going_off(engine, guest, ret_at);
    case VS_PHASE_CLEANING_UP:
        return due_of_cleaning_up(engine, guest, ret_at);
    default:
        *ret_at = VS_USEC_INFINITY;
        return VS_DUE_NOTHING;
    }
}

/* Monotonic µs: when the budget of a stop that is part of no host stop ends it; VS_USEC_INFINITY:
 * it has none, or isn't to be forced, or is being so. */
static int64_t
budget_ends(const VsStop *stop, const VsRun *run)
{
    bool acts =
        stop->phase < VS_PHASE_DESTROYING || (stop->phase == VS_PHASE_GOING_OFF && run->kept);

    return stop->until > 0 && !vs_stop_is_of_host_stop(stop) && acts &&
                   stop->step + 1 < stop->ladder.n_steps && vs_ladder_forces(&stop->ladder)
               ? stop->until
               : VS_USEC_INFINITY;
}

VsDue
vs_due_next(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    VsDue due = due_of_phase(engine, guest, ret_at);
    int64_t ends = budget_ends(guest->stop, guest->run);

    if (ends == VS_USEC_INFINITY || (ends > *ret_at && ends > engine->now.mono))
        return due;
    *ret_at = ends;
    return VS_DUE_LAST_STEP;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/due.h"

#include "engine/description.h"
#include "util/span.h"

/* How much longer than its own time a step may wait for its call to be made. In a host stop that is
 * limited by the budget alone: those who hang and hold up the others are ended meanwhile. */
#define HELD_SPAN (60 * VS_USEC_PER_SEC)

/* Between the system's end and the process's: libvirt kills at 10 s and gives up at 40 s. */
#define REAP_SPAN (45 * VS_USEC_PER_SEC)

/* Before a call that was lost with its connection is made again. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

static bool
is_paused(const VsGuest *guest)
{
    return guest->state == VS_STATE_PAUSED;
}

/* Monotonic µs: when the time of a step is over. As long as its call can't be made, that isn't the
 * guest's fault. */
static int64_t
step_ends(const VsStop *stop)
{
    if (stop->call.state != VS_CALL_HELD)
        return stop->deadline;
    return stop->until > 0 ? VS_USEC_INFINITY : vs_later(stop->deadline, HELD_SPAN);
}

/* A press that QEMU told of is done, whatever became of libvirt's answer. */
static VsCallState
call_state(const VsGuest *guest)
{
    const VsCall *call = &guest->stop->call;

    return call->state == VS_CALL_LOST && call->method == VS_METHOD_POWER_BUTTON &&
                   guest->run->button.heard
               ? VS_CALL_ANSWERED
               : call->state;
}

bool
vs_due_missed_press(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return guest->stop->phase == VS_PHASE_ASKED && call_state(guest) == VS_CALL_ANSWERED &&
           connection && guest->stop->next_at < connection->settled_at;
}

/* What is due next for a guest that is being asked, and when. One that couldn't be reached has its
 * time when it can: nothing harder is done to it before. */
static VsDue
due_of_step(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    const VsStop *stop = guest->stop;
    bool lost = call_state(guest) == VS_CALL_LOST, missed = vs_due_missed_press(engine, guest);
    int64_t ends = lost || missed ? VS_USEC_INFINITY : step_ends(stop);
    int64_t next = VS_USEC_INFINITY;
    VsDue due = VS_DUE_PRESS;

    if (lost) {
        next = vs_later(stop->call.since, RETRY_PAUSE);
        due = VS_DUE_CALL_AGAIN;
    } else if (call_state(guest) == VS_CALL_ANSWERED) {
        next = stop->next_at;
        due = stop->phase == VS_PHASE_SETTLING ? VS_DUE_SETTLED : VS_DUE_PRESS;
    }
    *ret_at = MIN(ends, next);
    return engine->now.mono >= ends || ends < next ? VS_DUE_DEADLINE : due;
}

static VsDue
due_of_resume(const VsGuest *guest, int64_t *ret_at)
{
    const VsStop *stop = guest->stop;

    *ret_at = 0;
    if (!is_paused(guest))
        return VS_DUE_RESUMED;
    if (stop->call.state == VS_CALL_LOST) {
        *ret_at = vs_later(stop->call.since, RETRY_PAUSE);
        return VS_DUE_CALL_AGAIN;
    }
    *ret_at = step_ends(stop);
    return VS_DUE_RESUMED;
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

VsDue
vs_due_next(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at)
{
    switch (guest->stop->phase) {
    case VS_PHASE_WAITING:
        *ret_at = step_begins(guest);
        return VS_DUE_BEGIN;
    case VS_PHASE_RESUMING:
        return due_of_resume(guest, ret_at);
    case VS_PHASE_ASKED:
    case VS_PHASE_SETTLING:
    case VS_PHASE_DESTROYING:
        return due_of_step(engine, guest, ret_at);
    case VS_PHASE_GOING_OFF:
        *ret_at = vs_later(guest->stop->since, REAP_SPAN);
        return VS_DUE_REAP;
    default:
        *ret_at = VS_USEC_INFINITY;
        return VS_DUE_NOTHING;
    }
}

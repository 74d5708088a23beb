/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"

/* Whose turn it is in the stop of all guests, and how long each may take. When the budget is all
 * but over, there are no turns any more. */

/* What a destroy of a hung QEMU may take beyond the budget: libvirt gives up after 40 s. */
#define OVERTIME (45 * VS_USEC_PER_SEC)

static int64_t
time_left(const VsEngine *engine)
{
    int64_t deadline = engine->host_stop->deadline;

    if (deadline == VS_USEC_INFINITY)
        return VS_USEC_INFINITY;
    return MAX(deadline - engine->now.mono, 0);
}

/* From now on its share of what is left. */
static void
allow(VsEngine *engine, VsGuest *guest)
{
    int64_t share =
        vs_schedule_allow(engine->host_stop->schedule, (unsigned)guest->turn, time_left(engine));

    guest->stop->until = vs_later(engine->now.mono, share);
    vs_engine_unsaved(engine, guest);
}

/* Those that are being asked, at @uri (NULL: everywhere): who takes part, or the time that is left,
 * has changed. */
void
vs_host_turn_share_out(VsEngine *engine, const char *uri)
{
    const VsHostStop *host_stop = engine->host_stop;

    if (!host_stop || !host_stop->schedule || host_stop->last_call)
        return;
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || guest->stop->queued || (uri && !g_str_equal(guest->domain.uri, uri)))
            continue;
        allow(engine, guest);
        vs_descent_shorten(engine, guest);
    }
}

bool
vs_host_turn_allow_again(VsEngine *engine, VsGuest *guest)
{
    const VsHostStop *host_stop = engine->host_stop;

    if (!host_stop || !host_stop->schedule || host_stop->last_call || guest->turn < 0)
        return false;
    allow(engine, guest);
    return true;
}

void
vs_host_turn_extend(VsEngine *engine, int64_t span)
{
    const VsHostStop *host_stop = engine->host_stop;

    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || guest->stop->queued)
            continue;
        guest->stop->until = vs_later(guest->stop->until, span);
        vs_descent_lengthen(engine, guest, span);
    }
}

/* Its turn has come: now its own time begins. One that is going off already is left to it. */
static void
release(VsEngine *engine, VsGuest *guest)
{
    VsStop *stop = guest->stop;

    vs_schedule_take(engine->host_stop->schedule, (unsigned)guest->turn);
    allow(engine, guest);
    stop->queued = false;
    if (stop->phase != VS_PHASE_QUEUED)
        return;
    stop->phase = VS_PHASE_WAITING;
    stop->asked_real = engine->now.real;
    stop->asked_mono = engine->now.mono;
    vs_descent_advance(engine, guest);
}

void
vs_host_turn_release(VsEngine *engine, VsGuest *guest)
{
    if (engine->host_stop && engine->host_stop->schedule && guest->turn >= 0)
        release(engine, guest);
}

/* What is left of the budget is what a destroy takes. */
static void
call_last(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;
    unsigned n_forced = 0;

    host_stop->last_call = true;
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || guest->run->ended)
            continue;
        if (vs_ladder_forces(&guest->stop->ladder)) {
            vs_schedule_take(host_stop->schedule, i);
            guest->stop->queued = false;
            vs_descent_to_last_step(engine, guest);
            n_forced++;
        } else if (guest->stop->queued) {
            release(engine, guest);
        }
    }
    if (n_forced > 0)
        vs_engine_note(engine, NULL, LOG_WARNING,
                       _("The time for stopping all guests is all but over, and ends those that "
                         "still run: %u"),
                       n_forced);
}

/* A libvirt that is away, or a process that can't be killed, doesn't keep the host: whoever waits
 * for this is told the truth, and goes on. */
static void
give_up(VsEngine *engine)
{
    VsHostStop *host_stop = engine->host_stop;

    host_stop->given_up = true;
    vs_engine_note(engine, NULL, LOG_ERR,
                   _("The time for stopping all guests is over: %u could not be stopped"),
                   vs_schedule_n_left(host_stop->schedule));
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (guest && !guest->run->ended)
            vs_descent_finish(engine, guest, VS_OUTCOME_FAILED);
    }
}

int64_t
vs_host_turn_next_timer(const VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;

    if (host_stop->given_up)
        return VS_USEC_INFINITY;
    return host_stop->last_call ? vs_later(host_stop->deadline, OVERTIME) : host_stop->last_call_at;
}

void
vs_host_turn_advance(VsEngine *engine)
{
    const VsHostStop *host_stop = engine->host_stop;
    int next;

    if (vs_schedule_n_left(host_stop->schedule) > 0 &&
        engine->now.mono >= vs_host_turn_next_timer(engine)) {
        if (host_stop->last_call)
            give_up(engine);
        else
            call_last(engine);
    }
    while ((next = vs_schedule_next(host_stop->schedule)) >= 0)
        release(engine, host_stop->guests->pdata[next]);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/watch.h"

#include "util/span.h"

/* A window that is looked at, at most and at least. */
#define WINDOW_MAX (5 * VS_USEC_PER_SEC)
#define WINDOW_MIN (VS_USEC_PER_SEC / 4)

/* A system that halted takes next to nothing; one that only idles takes ten times as much. In so
 * many windows one after the other. */
#define HALTED_PER_MILLE 6
#define HALTED_WINDOWS   4

/* What counts as writing hard, in a second. */
#define HARD_BYTES    (1024 * 1024)
#define HARD_REQUESTS 20

/* Whether the step's end is the guest's. */
static bool
ends_guest(const VsStop *stop)
{
    return stop->step + 1 < stop->ladder.n_steps &&
           vs_method_info(stop->ladder.steps[stop->step + 1].method)->effect == VS_EFFECT_FORCES;
}

static int64_t
grace_left(const VsEngine *engine, const VsGuest *guest)
{
    VsGuestPolicy policy;

    vs_guest_policy(guest, &engine->policy, &policy);
    return MAX(policy.progress_grace - guest->stop->watch.granted, 0);
}

/* Its agent went away when it had been asked: so its system ends, or has ended, its services. One
 * that is paused does nothing either. How little one takes that only waits, for a service that
 * hangs say, was measured where the guest's processor is x86's, emulated; with KVM it may be as
 * little as of one that halted, and with aarch64 it is: Linux ticks no more there when it idles (4
 * per mille), and spins when it has halted. */
static bool
may_be_halted(const VsGuest *guest)
{
    const VsRun *run = guest->run;

    return guest->state == VS_STATE_RUNNING && guest->description.halt_shows &&
           run->port_closed_at > 0 && run->port_closed_at >= guest->stop->asked_mono &&
           guest->description.agent == VS_AGENT_DISCONNECTED &&
           (run->agent.by == VS_ASKED_BY_US || run->button.by == VS_ASKED_BY_US);
}

static int64_t
window_of(const VsStop *stop)
{
    return CLAMP(vs_stop_step(stop)->span / 4, WINDOW_MIN, WINDOW_MAX);
}

int64_t
vs_watch_next(const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    int64_t window = window_of(stop), next = VS_USEC_INFINITY;

    if (engine->simulated || vs_method_info(vs_stop_step(stop)->method)->effect != VS_EFFECT_ASKS)
        return VS_USEC_INFINITY;
    if (may_be_halted(guest))
        next = vs_later(stop->watch.asked_at, WINDOW_MAX);
    if (ends_guest(stop) && stop->deadline != VS_USEC_INFINITY && grace_left(engine, guest) > 0)
        next = MIN(next, MAX(stop->deadline - 2 * window, vs_later(stop->watch.asked_at, window)));
    return next;
}

void
vs_watch_ask(VsEngine *engine, VsGuest *guest)
{
    guest->stop->watch.asked_at = engine->now.mono;
    vs_engine_do(engine, VS_ACTION_ASK_STATS, guest)->serial = engine->serial;
}

static int64_t
rate(uint64_t now, uint64_t before, int64_t span)
{
    return now > before ? (int64_t)((double)(now - before) * VS_USEC_PER_SEC / span) : 0;
}

/* Windows of different lengths may lie between two samples. */
static void
compare(VsWatch *watch, const VsStats *stats, int64_t span)
{
    bool still = rate(stats->cpu, watch->last.cpu, span) < HALTED_PER_MILLE * INT64_C(1000000) &&
                 stats->requests == watch->last.requests && stats->cpu >= watch->last.cpu;

    watch->still = still ? watch->still + span : 0;
    watch->writes = rate(stats->written, watch->last.written, span) >= HARD_BYTES ||
                    rate(stats->writes, watch->last.writes, span) >= HARD_REQUESTS;
}

void
vs_watch_take(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsWatch *watch = guest && guest->stop ? &guest->stop->watch : NULL;

    if (!watch || !guest->run || vs_run_is_over(guest->run))
        return;
    if (watch->at > 0 && engine->now.mono > watch->at)
        compare(watch, &event->stats, engine->now.mono - watch->at);
    if (!may_be_halted(guest) || guest->state_since > watch->at)
        watch->still = 0; /* what it did before it was let run says nothing */
    watch->at = engine->now.mono;
    watch->last = event->stats;
}

bool
vs_watch_is_halted(const VsGuest *guest)
{
    return may_be_halted(guest) && guest->stop->watch.still >= HALTED_WINDOWS * WINDOW_MAX;
}

int64_t
vs_watch_grace(const VsEngine *engine, const VsGuest *guest)
{
    const VsStop *stop = guest->stop;
    int64_t window = window_of(stop);

    if (!stop->watch.writes || !ends_guest(stop) ||
        engine->now.mono - stop->watch.at > 2 * window + VS_USEC_PER_SEC)
        return 0;
    return MIN(2 * window, grace_left(engine, guest));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/host-turn.h"

#include <syslog.h>

#include "engine/descent.h"
#include "engine/picture.h"
#include "engine/stop-end.h"
#include "util/i18n.h"
#include "util/span.h"

/* What a destroy of a hung QEMU may take beyond the budget: libvirt gives up after 40 s. */
#define OVERTIME (45 * VS_USEC_PER_SEC)

static int64_t
time_left(const VsEngine *engine, const VsHostStop *host_stop)
{
    if (host_stop->deadline == VS_USEC_INFINITY)
        return VS_USEC_INFINITY;
    return MAX(host_stop->deadline - engine->now.mono, 0);
}

/* The last call of a time that ends at @deadline, which leaves what a destroy takes; of a short
 * time, the most. */
static int64_t
last_call_of(const VsEngine *engine, int64_t deadline)
{
    int64_t left = deadline - engine->now.mono;

    return deadline == VS_USEC_INFINITY ? deadline
                                        : deadline - MIN(VS_DESTROY_RESERVE, left / 4 * 3);
}

/* Until when all have to be off. */
static void
set_deadline(const VsEngine *engine, VsHostStop *host_stop, int64_t deadline)
{
    host_stop->deadline = deadline;
    host_stop->last_call_at = last_call_of(engine, deadline);
}

void
vs_host_turn_take_budget(VsEngine *engine, VsHostStop *host_stop, int64_t budget)
{
    int64_t deadline;

    if (budget == 0 && !host_stop->limited)
        budget = engine->policy.budget;
    deadline =
        vs_later(engine->now.mono, budget > 0 ? budget : vs_schedule_longest(host_stop->schedule));
    if (budget > 0 && (!host_stop->limited || deadline < host_stop->deadline))
        set_deadline(engine, host_stop, deadline);
    else if (!host_stop->limited &&
             (host_stop->deadline == VS_USEC_INFINITY || deadline > host_stop->deadline))
        set_deadline(engine, host_stop, deadline);
    host_stop->limited |= budget > 0;
}

/* Where nobody set a time, nobody's steps are shortened. */
void
vs_host_turn_allow(VsEngine *engine, VsHostStop *host_stop, VsGuest *guest)
{
    int64_t share =
        vs_schedule_allow(host_stop->schedule, (unsigned)guest->turn, time_left(engine, host_stop));

    guest->stop->until = host_stop->limited ? vs_later(engine->now.mono, share) : VS_USEC_INFINITY;
    guest->stop->until = MIN(guest->stop->until, guest->stop->no_later);
    vs_engine_unsaved(engine, guest);
}

static void
cap(VsEngine *engine, VsGuest *guest, int64_t deadline, int64_t turn_by)
{
    if (deadline >= guest->stop->no_later)
        return;
    guest->stop->no_later = deadline;
    guest->stop->turn_by = turn_by;
    vs_engine_unsaved(engine, guest);
}

void
vs_host_turn_keep_time(VsEngine *engine, const VsHostStop *other, VsGuest *guest)
{
    if (other->limited)
        cap(engine, guest, other->deadline, other->last_call_at);
}

void
vs_host_turn_note_first(VsHostStop *host_stop)
{
    host_stop->turn_by = VS_USEC_INFINITY;
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        const VsGuest *guest = host_stop->guests->pdata[i];

        if (guest && guest->stop && vs_stop_is_queued(guest->stop) && !vs_run_is_over(guest->run))
            host_stop->turn_by = MIN(host_stop->turn_by, guest->stop->turn_by);
    }
}

/* Those that run and whose stop is of it: the stops say so also where it was just taken over, and
 * has no order yet. The caller owns the array, not what it holds. */
static GPtrArray *
list_guests(const VsEngine *engine, const VsHostStop *host_stop)
{
    GPtrArray *guests = vs_engine_guests(engine);

    for (unsigned i = guests->len; i > 0; i--) {
        const VsGuest *guest = guests->pdata[i - 1];

        if (!guest->run || vs_run_is_over(guest->run) ||
            vs_engine_host_stop_of(engine, guest->stop) != host_stop)
            g_ptr_array_remove_index(guests, i - 1);
    }
    return guests;
}

void
vs_host_turn_shorten(VsEngine *engine, VsHostStop *host_stop, const VsPart *part, int64_t budget)
{
    g_autoptr(GPtrArray) guests = list_guests(engine, host_stop);
    int64_t deadline = vs_later(engine->now.mono, budget);

    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        if (!vs_part_means(part, &engine->policy, &guest->domain, guest->labels))
            continue;
        cap(engine, guest, deadline, last_call_of(engine, deadline));
        if (vs_stop_is_queued(guest->stop) || guest->stop->until <= guest->stop->no_later)
            continue;
        guest->stop->until = guest->stop->no_later;
        vs_descent_shorten(engine, guest);
    }
    vs_host_turn_note_first(host_stop);
}

void
vs_host_turn_share_out(VsEngine *engine, VsHostStop *host_stop, const char *uri)
{
    if (host_stop->phase != VS_HOST_STOP_STOPPING)
        return;
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || vs_stop_is_queued(guest->stop) || vs_run_is_over(guest->run) ||
            (uri && !g_str_equal(guest->domain.uri, uri)))
            continue;
        vs_host_turn_allow(engine, host_stop, guest);
        vs_descent_shorten(engine, guest);
    }
}

void
vs_host_turn_extend(VsEngine *engine, VsHostStop *host_stop, int64_t span)
{
    g_autoptr(GPtrArray) guests = list_guests(engine, host_stop);

    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        guest->stop->no_later = vs_later(guest->stop->no_later, span);
        guest->stop->turn_by = vs_later(guest->stop->turn_by, span);
        vs_engine_unsaved(engine, guest);
        if (vs_stop_is_queued(guest->stop))
            continue;
        guest->stop->until = vs_later(guest->stop->until, span);
        vs_engine_unsaved(engine, guest);
        vs_descent_lengthen(engine, guest, span);
    }
    vs_host_turn_note_first(host_stop);
}

/* @done: its name, or NULL where it is none that others wait for the end of. */
static void
take_out(VsHostStop *host_stop, VsGuest *guest, const char *done)
{
    if (guest->turn < 0 || !host_stop->schedule)
        return;
    vs_schedule_done(host_stop->schedule, (unsigned)guest->turn);
    g_free(host_stop->last_done);
    host_stop->last_done = g_strdup(done);
    host_stop->guests->pdata[guest->turn] = NULL;
    guest->turn = -1;
}

void
vs_host_turn_done(VsHostStop *host_stop, VsGuest *guest)
{
    take_out(host_stop, guest, guest->domain.name);
}

void
vs_host_turn_leave(VsHostStop *host_stop, VsGuest *guest)
{
    take_out(host_stop, guest, NULL);
}

/* Whoever is done in this moment, its turn comes by that. */
static void
note_waited_for(const VsEngine *engine, const VsHostStop *host_stop, VsStop *stop)
{
    if (host_stop->phase == VS_HOST_STOP_STOPPING && vs_stop_is_queued(stop) &&
        engine->now.mono > stop->asked_mono && !stop->waited_for)
        stop->waited_for = g_strdup(host_stop->last_done);
}

void
vs_host_turn_release(VsEngine *engine, VsHostStop *host_stop, VsGuest *guest)
{
    note_waited_for(engine, host_stop, guest->stop);
    vs_schedule_take(host_stop->schedule, (unsigned)guest->turn);
    vs_host_turn_allow(engine, host_stop, guest);
    vs_descent_release(engine, guest);
    if (!guest->stop) /* nothing on its ladder can work */
        vs_host_turn_done(host_stop, guest);
}

/* Without time for more than a destroy nobody is queued any more. */
static void
force(VsEngine *engine, VsHostStop *host_stop, VsGuest *guest)
{
    vs_schedule_take(host_stop->schedule, (unsigned)guest->turn);
    if (vs_stop_is_queued(guest->stop)) {
        guest->stop->until = MIN(host_stop->deadline, guest->stop->no_later);
        vs_engine_unsaved(engine, guest);
    }
    vs_descent_to_last_step(engine, guest);
    if (!guest->stop)
        vs_host_turn_done(host_stop, guest);
}

/* What is left of the time is what a destroy takes. */
static void
call_last(VsEngine *engine, VsHostStop *host_stop)
{
    unsigned n_forced = 0;

    vs_host_stop_set_phase(host_stop, VS_HOST_STOP_LAST_CALL);
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || !guest->stop || vs_run_is_over(guest->run))
            continue;
        if (vs_ladder_forces(&guest->stop->ladder)) {
            force(engine, host_stop, guest);
            n_forced++;
        } else if (vs_stop_is_queued(guest->stop)) {
            vs_host_turn_release(engine, host_stop, guest);
        }
    }
    if (n_forced > 0)
        vs_engine_note(engine, NULL, LOG_WARNING,
                       ngettext("The time for stopping all guests is all but over: %u guest that "
                                "still runs is cut off",
                                "The time for stopping all guests is all but over: %u guests that "
                                "still run are cut off",
                                n_forced),
                       n_forced);
}

/* A libvirt that is away, or a process that can't be killed, doesn't keep the host: whoever waits
 * for this is told the truth, and goes on. */
static void
give_up(VsEngine *engine, VsHostStop *host_stop)
{
    unsigned n_left = vs_schedule_n_left(host_stop->schedule);

    vs_host_stop_set_phase(host_stop, VS_HOST_STOP_GIVEN_UP);
    vs_engine_note(
        engine, NULL, LOG_ERR,
        ngettext("The time for stopping all guests is over: %u guest could not be stopped",
                 "The time for stopping all guests is over: %u guests could not be "
                 "stopped",
                 n_left),
        n_left);
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || !guest->stop || vs_run_is_over(guest->run))
            continue;
        vs_stop_end(engine, guest, VS_OUTCOME_FAILED);
        vs_host_turn_done(host_stop, guest);
    }
}

/* Monotonic µs: when the guest's libvirt has been away, or silent, for so long that nobody waits
 * for it any more; VS_USEC_INFINITY: it is there. */
static int64_t
lost_at(const VsEngine *engine, const VsHostStop *host_stop, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    int64_t since = VS_USEC_INFINITY;

    if (vs_run_is_over(guest->run))
        return VS_USEC_INFINITY; /* its record is all that is missing */
    if (connection && connection->phase == VS_CONNECTION_AWAY)
        since = MAX(connection->since, connection->closed_at);
    else if (connection && connection->probed_at > 0)
        since = connection->probed_at;
    return vs_later(since, vs_later(vs_schedule_longest(host_stop->schedule), OVERTIME));
}

static int64_t
all_lost_at(const VsEngine *engine, const VsHostStop *host_stop)
{
    int64_t at = 0;

    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        const VsGuest *guest = host_stop->guests->pdata[i];

        if (guest)
            at = MAX(at, lost_at(engine, host_stop, guest));
    }
    return at;
}

/* Nobody set a time: each guest has all that its ladder gives it, which ends by itself, and for
 * that long from when it could be reached. */
static void
go_on(VsEngine *engine, VsHostStop *host_stop, int64_t until)
{
    int64_t longest = MAX(vs_schedule_longest(host_stop->schedule), VS_DESTROY_RESERVE);

    set_deadline(engine, host_stop, vs_later(engine->now.mono, longest));
    host_stop->last_call_at = MIN(host_stop->last_call_at, until);
    engine->host_stops_unsaved = true;
}

static void
time_is_over(VsEngine *engine, VsHostStop *host_stop)
{
    int64_t lost = host_stop->limited ? 0 : all_lost_at(engine, host_stop);

    if (host_stop->phase == VS_HOST_STOP_STOPPING && lost > engine->now.mono)
        go_on(engine, host_stop, lost);
    else if (host_stop->phase == VS_HOST_STOP_STOPPING && host_stop->limited)
        call_last(engine, host_stop);
    else
        give_up(engine, host_stop);
}

/* Monotonic µs: when its own time is all but over, or over. */
static int64_t
time_is_over_at(const VsHostStop *host_stop)
{
    if (host_stop->phase == VS_HOST_STOP_STOPPING)
        return host_stop->last_call_at;
    return host_stop->phase == VS_HOST_STOP_LAST_CALL ? vs_later(host_stop->deadline, OVERTIME)
                                                      : VS_USEC_INFINITY;
}

int64_t
vs_host_turn_next_timer(const VsHostStop *host_stop)
{
    return MIN(time_is_over_at(host_stop), host_stop->turn_by);
}

/* The time that another host stop had set for them is all but over. */
static void
call_first(VsEngine *engine, VsHostStop *host_stop)
{
    for (unsigned i = 0; i < host_stop->guests->len; i++) {
        VsGuest *guest = host_stop->guests->pdata[i];

        if (!guest || !guest->stop || !vs_stop_is_queued(guest->stop) ||
            vs_run_is_over(guest->run) || engine->now.mono < guest->stop->turn_by)
            continue;
        if (vs_ladder_forces(&guest->stop->ladder))
            force(engine, host_stop, guest);
        else
            vs_host_turn_release(engine, host_stop, guest);
    }
    vs_host_turn_note_first(host_stop);
}

void
vs_host_turn_move(VsEngine *engine, VsHostStop *host_stop)
{
    int next;

    if (vs_schedule_n_left(host_stop->schedule) > 0 && !vs_engine_listens(engine) &&
        engine->now.mono >= time_is_over_at(host_stop))
        time_is_over(engine, host_stop);
    if (engine->now.mono >= host_stop->turn_by && !vs_engine_listens(engine))
        call_first(engine, host_stop);
    while ((next = vs_schedule_next(host_stop->schedule)) >= 0)
        vs_host_turn_release(engine, host_stop, host_stop->guests->pdata[next]);
}

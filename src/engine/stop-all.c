/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/stop-all.h"

#include <syslog.h>

#include "engine/host-members.h"
#include "engine/host-named.h"
#include "engine/host-ran.h"
#include "engine/host-turn.h"
#include "util/i18n.h"
#include "util/span.h"

/* How long a libvirt that never was there is waited for: its guests aren't known. */
#define ARRIVAL_SPAN (30 * VS_USEC_PER_SEC)

/* A host stop that was called off, and is followed by another this soon (the power came back, and
 * went), still counts: the next knows what ran before the first. */
#define CALLED_OFF_SPAN (INT64_C(3600) * VS_USEC_PER_SEC)

/* ... or was of a part: a battery, or a generator, may last for long before the rest goes. */
#define PART_SPAN (INT64_C(86400) * VS_USEC_PER_SEC)

void
vs_stop_all_end(VsEngine *engine, VsHostStop *host_stop, bool called_off)
{
    vs_host_members_leave(host_stop);
    vs_host_stop_set_phase(host_stop, called_off ? VS_HOST_STOP_CALLED_OFF : VS_HOST_STOP_OVER);
    if (host_stop->part)
        host_stop->known_until = vs_later(engine->now.mono, PART_SPAN);
    else if (called_off)
        host_stop->known_until = vs_later(engine->now.mono, CALLED_OFF_SPAN);
    else if (engine->host_shutdown)
        host_stop->known_until = VS_USEC_INFINITY; /* who is started nevertheless is added */
    engine->host_stops_unsaved = true;
}

/* Guests that were started, or that a libvirt told of only now. */
static void
join(VsEngine *engine, VsHostStop *host_stop)
{
    unsigned n_left;

    if (!vs_host_members_queue(engine, host_stop)) {
        if (engine->kinds_told)
            vs_host_ran_keep(engine, host_stop);
        return;
    }
    vs_host_members_draw_up(engine, host_stop, false);
    vs_host_turn_take_budget(engine, host_stop, 0);
    vs_host_turn_share_out(engine, host_stop, NULL);
    vs_host_ran_keep(engine, host_stop);
    n_left = vs_schedule_n_left(host_stop->schedule);
    vs_engine_note(engine, NULL, LOG_NOTICE,
                   ngettext("More guests run, and are stopped, too: %u guest in all",
                            "More guests run, and are stopped, too: %u guests in all", n_left),
                   n_left);
}

static bool
any_is_listed(const VsEngine *engine)
{
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection))
        if (connection->phase >= VS_CONNECTION_LISTED)
            return true;
    return false;
}

/* Monotonic µs: until when a libvirt is waited for whose guests nobody knows yet; 0: all are known.
 */
static int64_t
awaited_until(const VsEngine *engine)
{
    int64_t until = 0;
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection))
        if (!connection->was_listed)
            until = MAX(until, vs_later(connection->since, ARRIVAL_SPAN));
    return until;
}

/* Monotonic µs: when it is decided whether somebody takes part, if that isn't known before. */
static int64_t
judged_at(const VsHostStop *host_stop)
{
    return host_stop->judged_by > 0 && host_stop->phase < VS_HOST_STOP_GIVEN_UP
               ? host_stop->judged_by
               : VS_USEC_INFINITY;
}

/* What of this step changed the shares of those that are being asked: libvirt has settled, and
 * nobody could be asked meanwhile; a call that was held is made. */
static void
share(VsEngine *engine, VsHostStop *host_stop)
{
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection))
        if (connection->settled_step == engine->serial)
            vs_host_turn_share_out(engine, host_stop, connection->uri);
    for (unsigned i = 0; i < engine->touched->len; i++) {
        VsGuest *guest = engine->touched->pdata[i];

        if (guest->turn >= 0 && guest->stop && guest->stop->call.waited > 0 &&
            vs_stop_has_step_call(guest->stop) &&
            vs_engine_host_stop_of(engine, guest->stop) == host_stop)
            vs_host_turn_allow(engine, host_stop, guest);
    }
}

void
vs_stop_all_share(VsEngine *engine)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (host_stop->phase == VS_HOST_STOP_STOPPING)
            share(engine, host_stop);
    }
}

/* Who is done, or is to go before its turn. */
static void
look_at_guests(VsEngine *engine, VsHostStop *host_stop)
{
    for (unsigned i = 0; i < engine->touched->len; i++) {
        VsGuest *guest = engine->touched->pdata[i];

        if (guest->turn < 0 || (unsigned)guest->turn >= host_stop->guests->len ||
            host_stop->guests->pdata[guest->turn] != guest)
            continue;
        if (!guest->stop)
            vs_host_turn_done(host_stop, guest);
        else if (guest->stop->wish == VS_WISH_ESCALATE)
            vs_host_turn_release(engine, host_stop, guest);
    }
}

static void
note_over(VsEngine *engine, const VsHostStop *host_stop)
{
    g_autofree char *whom = NULL;

    if (!host_stop->part) {
        vs_engine_note(engine, NULL, LOG_NOTICE, _("All guests are stopped, or were left running"));
        return;
    }
    whom = vs_host_stop_whom(host_stop);
    vs_engine_note(engine, NULL, LOG_NOTICE,
                   _("The part of the guests (%s) is stopped, or was left running"), whom);
}

static void
move(VsEngine *engine, VsHostStop *host_stop)
{
    if (host_stop->wanted_off) {
        vs_stop_all_end(engine, host_stop, true);
        return;
    }
    if (host_stop->phase == VS_HOST_STOP_TAKEN_OVER) {
        if (!any_is_listed(engine) && engine->now.mono < host_stop->last_call_at)
            return;
        vs_host_members_draw_up(engine, host_stop, false);
        vs_host_stop_set_phase(host_stop, VS_HOST_STOP_STOPPING);
        vs_host_turn_share_out(engine, host_stop, NULL);
    }
    if ((engine->newcomers && host_stop->phase < VS_HOST_STOP_GIVEN_UP) ||
        engine->now.mono >= judged_at(host_stop))
        join(engine, host_stop);
    vs_host_turn_move(engine, host_stop);
    if (vs_schedule_n_left(host_stop->schedule) > 0 || engine->now.mono < awaited_until(engine) ||
        judged_at(host_stop) != VS_USEC_INFINITY)
        return;
    if (host_stop->guests->len > 0)
        note_over(engine, host_stop);
    vs_stop_all_end(engine, host_stop, false);
}

/* Of one that is over, and has nothing to be started again, nothing is left to know. */
static void
prune(VsEngine *engine)
{
    for (unsigned i = engine->host_stops->len; i > 0; i--) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i - 1];

        if (!vs_host_stop_is_worth_keeping(host_stop) && host_stop->phase != VS_HOST_STOP_RESTORING)
            g_ptr_array_remove_index(engine->host_stops, i - 1);
    }
}

/* A wish that no host stop could fulfil is none. */
static void
drop_wishes(VsEngine *engine)
{
    for (unsigned i = 0; i < engine->touched->len; i++) {
        VsGuest *guest = engine->touched->pdata[i];

        if (guest->stop)
            guest->stop->wish = VS_WISH_NONE;
    }
}

void
vs_stop_all_move(VsEngine *engine)
{
    g_autoptr(GPtrArray) host_stops = g_ptr_array_new();

    for (unsigned i = 0; i < engine->host_stops->len; i++)
        g_ptr_array_add(host_stops, engine->host_stops->pdata[i]);
    /* First of all: whom one is done with another may take. */
    for (unsigned i = 0; i < host_stops->len; i++)
        if (vs_host_stop_is_in_flight(host_stops->pdata[i]))
            look_at_guests(engine, host_stops->pdata[i]);
    for (unsigned i = 0; i < host_stops->len; i++)
        if (g_ptr_array_find(engine->host_stops, host_stops->pdata[i], NULL) &&
            vs_host_stop_is_in_flight(host_stops->pdata[i]))
            move(engine, host_stops->pdata[i]);
    vs_host_ran_follow(engine);
    engine->newcomers &= vs_engine_host_stop_in(engine, VS_HOST_STOP_TAKEN_OVER) != NULL;
    engine->kinds_told &= engine->newcomers;
    prune(engine);
    drop_wishes(engine);
}

static int64_t
next_timer(const VsEngine *engine, const VsHostStop *host_stop)
{
    int64_t judged = judged_at(host_stop), until;

    if (host_stop->phase == VS_HOST_STOP_TAKEN_OVER)
        return host_stop->last_call_at;
    if (vs_schedule_n_left(host_stop->schedule) > 0)
        return MIN(vs_host_turn_next_timer(host_stop), judged);
    until = awaited_until(engine);
    return engine->now.mono < until || judged == VS_USEC_INFINITY ? MIN(until, judged) : judged;
}

int64_t
vs_stop_all_next_timer(const VsEngine *engine)
{
    int64_t next = VS_USEC_INFINITY;

    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop))
            next = MIN(next, next_timer(engine, host_stop));
    }
    return next;
}

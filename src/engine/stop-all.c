/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/stop-all.h"

#include <syslog.h>

#include "engine/host-members.h"
#include "engine/host-ran.h"
#include "engine/host-turn.h"
#include "engine/picture.h"
#include "engine/requests.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* How long a libvirt that never was there is waited for: its guests aren't known. */
#define ARRIVAL_SPAN (30 * VS_USEC_PER_SEC)

/* A host stop that was called off, or was of a part, and is followed by another this soon (the
 * power came back, and went), still counts: the next knows what ran before the first. */
#define CALLED_OFF_SPAN (INT64_C(3600) * VS_USEC_PER_SEC)

/* Who asked, and how, holds for those who join later, too. */
static void
take_request(VsHostStop *host_stop, const VsEvent *event, const VsLadder *ladder)
{
    vs_requester_clear(&host_stop->by);
    host_stop->by_known = event->stop_all.by != NULL;
    if (host_stop->by_known)
        vs_requester_copy(&host_stop->by, event->stop_all.by);
    g_free(host_stop->reason);
    host_stop->reason = vs_requests_bounded(event->stop_all.reason);
    host_stop->has_ladder = event->stop_all.ladder != NULL;
    if (host_stop->has_ladder)
        host_stop->ladder = *ladder;
    host_stop->shutdown |= event->stop_all.shutdown;
    host_stop->early = event->stop_all.early && (host_stop->n_requests == 0 || host_stop->early);
    host_stop->n_requests++;
}

/* @budget: as asked for; 0: as configured, or as long as it takes. The earlier end holds; where
 * nobody said one, those who join have their time, too. */
static void
take_budget(VsEngine *engine, VsHostStop *host_stop, int64_t budget)
{
    int64_t deadline;

    if (budget == 0 && !host_stop->limited)
        budget = engine->policy.budget;
    deadline =
        vs_later(engine->now.mono, budget > 0 ? budget : vs_schedule_longest(host_stop->schedule));
    if (budget > 0 && (!host_stop->limited || deadline < host_stop->deadline))
        vs_host_turn_set_deadline(engine, host_stop, deadline);
    else if (!host_stop->limited &&
             (host_stop->deadline == VS_USEC_INFINITY || deadline > host_stop->deadline))
        vs_host_turn_set_deadline(engine, host_stop, deadline);
    host_stop->limited |= budget > 0;
}

static void
clear_left(VsEngine *engine)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if (guest->left)
            vs_engine_unsaved(engine, guest);
        guest->left = false;
    }
}

void
vs_stop_all_set_shutdown(VsEngine *engine, bool active)
{
    const VsHostStop *host_stop = vs_engine_stop_of_all(engine);

    if (active != engine->host_shutdown)
        clear_left(engine);
    engine->host_shutdown = active;
    if (!active && host_stop && host_stop->shutdown)
        vs_stop_all_cancel(engine, NULL, true);
    else if (!active && !host_stop)
        vs_host_ran_forget(engine);
}

static void
note_begin(VsEngine *engine, const VsHostStop *host_stop)
{
    g_autofree char *span = host_stop->deadline == VS_USEC_INFINITY
                                ? g_strdup(_("no limit"))
                                : vs_span_format(host_stop->deadline - engine->now.mono, false);

    vs_engine_note(engine, NULL, LOG_NOTICE, _("Stopping all guests: %u, within %s"),
                   host_stop->guests->len, span);
}

/* Whoever manages those has a turn of his own before theirs. */
static void
note_owned(VsEngine *engine, const VsHostStop *host_stop)
{
    GHashTableIter iter;
    VsGuest *guest;
    unsigned n = 0;

    g_hash_table_iter_init(&iter, engine->guests);
    while (host_stop->early && g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        n += guest->run && vs_engine_owner_of(engine, guest) != VS_OWNER_NONE;
    if (n > 0)
        vs_engine_note(engine, NULL, LOG_NOTICE,
                       _("Guests that somebody else manages, and that are left alone until "
                         "virtstop-guests.service is stopped: %u"),
                       n);
}

/* The stops themselves go on, or are called off, each by itself. */
static void
end(VsEngine *engine, VsHostStop *host_stop, bool called_off)
{
    vs_host_members_leave(host_stop);
    vs_host_stop_set_phase(host_stop, called_off ? VS_HOST_STOP_CALLED_OFF : VS_HOST_STOP_OVER);
    if (called_off || host_stop->only)
        host_stop->known_until = vs_later(engine->now.mono, CALLED_OFF_SPAN);
    else if (engine->host_shutdown)
        host_stop->known_until = VS_USEC_INFINITY; /* who is started nevertheless is added */
    engine->host_stops_unsaved = true;
}

static VsHostStop *
add_host_stop(VsEngine *engine, const VsEvent *event)
{
    VsHostStop *host_stop = vs_host_stop_new(vs_engine_new_id(engine), engine->now.real);

    if (event->stop_all.only)
        host_stop->only = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; event->stop_all.only && event->stop_all.only[i]; i++)
        g_ptr_array_add(host_stop->only, g_strdup(event->stop_all.only[i]));
    g_ptr_array_add(engine->host_stops, host_stop);
    return host_stop;
}

static void
begin(VsEngine *engine, const VsEvent *event, const VsLadder *ladder)
{
    VsHostStop *host_stop = event->stop_all.only ? NULL : vs_engine_stop_of_all(engine);
    bool again;

    if (host_stop && host_stop->phase == VS_HOST_STOP_GIVEN_UP) {
        end(engine, host_stop, false); /* its time is over: this one has a time of its own */
        host_stop = NULL;
    }
    again = host_stop != NULL;

    if (!again)
        host_stop = add_host_stop(engine, event);
    take_request(host_stop, event, ladder);
    vs_host_members_queue(engine, host_stop);
    engine->newcomers = false;
    vs_host_members_draw_up(engine, host_stop, true);
    take_budget(engine, host_stop, event->stop_all.budget);
    if (host_stop->phase == VS_HOST_STOP_TAKEN_OVER)
        vs_host_stop_set_phase(host_stop, VS_HOST_STOP_STOPPING);
    vs_host_turn_share_out(engine, host_stop, NULL);
    vs_host_ran_keep(engine, host_stop);
    if (!again && host_stop->guests->len > 0)
        note_begin(engine, host_stop);
    note_owned(engine, host_stop);
}

/* What was found when each was described may be old: a cluster takes a guest up at any time. */
static void
look_for_owners(VsEngine *engine, const VsEvent *event)
{
    for (const char *const *key = event->stop_all.in_cluster; key && *key; key++) {
        VsGuest *guest = g_hash_table_lookup(engine->guests, *key);

        if (guest)
            vs_engine_set_owner(engine, guest, VS_OWNER_PACEMAKER);
    }
}

bool
vs_stop_all_begin(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsLadder ladder;

    if (!vs_requests_check_all(event, &ladder, error))
        return false;
    if (event->stop_all.only && vs_engine_stop_of_all(engine))
        return true; /* they are part of that already */
    if (event->stop_all.shutdown)
        vs_stop_all_set_shutdown(engine, true);
    else if (!vs_engine_any_host_stop(engine))
        clear_left(engine);
    look_for_owners(engine, event);
    begin(engine, event, &ladder);
    engine->host_stops_unsaved = true;
    return true;
}

bool
vs_stop_all_extend(VsEngine *engine, const VsEvent *event, GError **error)
{
    VsHostStop *host_stop = vs_engine_any_host_stop(engine);
    g_autofree char *span = NULL;

    if (!vs_requests_check_extension(event->extend.span, error))
        return false;
    if (!host_stop || host_stop->phase >= VS_HOST_STOP_LAST_CALL) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_NO_STOP,
                            host_stop ? _("The time for stopping all guests is all but over: it is "
                                          "too late for that")
                                      : _("No stop of all guests is in flight"));
        return false;
    }
    span = vs_span_format(event->extend.span, false);
    vs_engine_note(engine, NULL, LOG_NOTICE, _("All guests get %s more, as asked for"), span);
    host_stop->deadline = vs_later(host_stop->deadline, event->extend.span);
    host_stop->last_call_at = vs_later(host_stop->last_call_at, event->extend.span);
    engine->host_stops_unsaved = true;
    vs_host_turn_extend(engine, host_stop, event->extend.span);
    return true;
}

void
vs_stop_all_cancel(VsEngine *engine, const VsRequester *by, bool of_shutdown)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);

    for (unsigned i = 0; i < guests->len; i++) {
        VsGuest *guest = guests->pdata[i];

        if (guest->stop && vs_stop_can_be_steered(guest->stop) &&
            (!of_shutdown || vs_stop_is_of_host_stop(guest->stop)))
            vs_requests_call_off(engine, guest, by);
    }
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop))
            host_stop->wanted_off = true;
    }
}

void
vs_stop_all_take_over_old_part(VsEngine *engine, VsGuest *guest, const VsOldPart *part)
{
    VsHostStop *host_stop = vs_engine_stop_of_all(engine);

    if (part->deadline == 0)
        return;
    if (!host_stop) {
        host_stop = vs_host_stop_new(vs_engine_new_id(engine), engine->now.real);
        host_stop->phase = VS_HOST_STOP_TAKEN_OVER;
        g_ptr_array_add(engine->host_stops, host_stop);
    }
    if (part->deadline < host_stop->deadline) {
        host_stop->limited = true;
        host_stop->deadline = part->deadline;
        host_stop->last_call_at = part->deadline == VS_USEC_INFINITY
                                      ? part->deadline
                                      : part->deadline - VS_DESTROY_RESERVE;
    }
    host_stop->shutdown |= part->shutdown;
    engine->host_shutdown |= part->shutdown;
    engine->host_stops_unsaved = true;
    guest->stop->host_stop = host_stop->id;
    if (guest->stop->phase != VS_PHASE_QUEUED && guest->stop->until == 0)
        guest->stop->until = host_stop->deadline;
}

/* Guests that were started, or that a libvirt told of only now. */
static void
join(VsEngine *engine, VsHostStop *host_stop)
{
    if (!vs_host_members_queue(engine, host_stop)) {
        if (engine->kinds_told)
            vs_host_ran_keep(engine, host_stop);
        return;
    }
    vs_host_members_draw_up(engine, host_stop, false);
    take_budget(engine, host_stop, 0);
    vs_host_turn_share_out(engine, host_stop, NULL);
    vs_host_ran_keep(engine, host_stop);
    vs_engine_note(engine, NULL, LOG_NOTICE, _("More guests run, and are stopped, too: %u in all"),
                   vs_schedule_n_left(host_stop->schedule));
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
move(VsEngine *engine, VsHostStop *host_stop)
{
    look_at_guests(engine, host_stop);
    if (host_stop->wanted_off) {
        end(engine, host_stop, true);
        return;
    }
    if (host_stop->phase == VS_HOST_STOP_TAKEN_OVER) {
        if (!any_is_listed(engine) && engine->now.mono < host_stop->last_call_at)
            return;
        vs_host_members_draw_up(engine, host_stop, false);
        vs_host_stop_set_phase(host_stop, VS_HOST_STOP_STOPPING);
        vs_host_turn_share_out(engine, host_stop, NULL);
    }
    if (engine->newcomers && host_stop->phase < VS_HOST_STOP_GIVEN_UP)
        join(engine, host_stop);
    vs_host_turn_move(engine, host_stop);
    if (vs_schedule_n_left(host_stop->schedule) > 0 || engine->now.mono < awaited_until(engine))
        return;
    if (host_stop->guests->len > 0)
        vs_engine_note(engine, NULL, LOG_NOTICE, _("All guests are stopped, or were left running"));
    end(engine, host_stop, false);
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
    for (unsigned i = 0; i < host_stops->len; i++)
        if (g_ptr_array_find(engine->host_stops, host_stops->pdata[i], NULL) &&
            vs_host_stop_is_in_flight(host_stops->pdata[i]))
            move(engine, host_stops->pdata[i]);
    engine->newcomers &= vs_engine_host_stop_in(engine, VS_HOST_STOP_TAKEN_OVER) != NULL;
    engine->kinds_told &= engine->newcomers;
    prune(engine);
    drop_wishes(engine);
}

static int64_t
next_timer(const VsEngine *engine, const VsHostStop *host_stop)
{
    if (host_stop->phase == VS_HOST_STOP_TAKEN_OVER)
        return host_stop->last_call_at;
    if (vs_schedule_n_left(host_stop->schedule) == 0)
        return awaited_until(engine);
    return vs_host_turn_next_timer(host_stop);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/connections.h"

#include <syslog.h>

#include "engine/description.h"
#include "engine/run-end.h"
#include "engine/unseen.h"

#include "util/i18n.h"
#include "util/span.h"

/* libvirt's comings and goings, and what is found when it is back. */

/* Before that libvirtd may still be about to find out which of its guests ended while it was away.
 */
#define SETTLE (3 * VS_USEC_PER_SEC)

/* libvirt's number (VIR_DOMAIN_PAUSED_STARTING_UP). */
#define PAUSED_STARTING_UP 11

/* One that answers later than that was away meanwhile. */
#define SILENCE (VS_USEC_PER_SEC / 2)

/* ... and that much later is worth a word. */
#define LONG_SILENCE (3 * VS_USEC_PER_SEC)

void
vs_connections_timer(VsEngine *engine)
{
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection)) {
        if (engine->now.mono >= connection->next_list)
            vs_engine_list(engine, connection);
    }
}

static void
for_each_run(VsEngine *engine, const char *uri,
             void (*visit)(VsEngine *, VsGuest *, const VsEvent *), const VsEvent *event)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if (guest->run && !vs_run_is_over(guest->run) && g_str_equal(guest->domain.uri, uri))
            visit(engine, guest, event);
    }
}

/* It is going down, and nobody saw why. */
static bool
goes_unseen(const VsGuest *guest)
{
    return guest->state == VS_STATE_SHUTDOWN && guest->run->shutdown == VS_SHUTDOWN_REASON_NONE;
}

static void
end_gap(VsRun *run)
{
    run->gap_at = 0;
    run->absence = (VsAbsence){0};
}

/* Of a libvirt that had settled it is known who ran until now: a gap that is open still is over. */
static void
witness_connection(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    json_object *item = vs_evidence_new(engine->now.real, "connection");

    vs_json_set_string(item, "event", event->connection.open ? "opened" : "closed");
    vs_run_witness(guest->run, item);
    if (connection->phase == VS_CONNECTION_SETTLED && !goes_unseen(guest))
        end_gap(guest->run);
    if (guest->stop) /* it goes on, whatever a libvirt that hung has held up */
        vs_run_prolong(guest->run, guest->stop->asked_mono, vs_later(engine->now.mono, 1));
    vs_run_gap(guest->run, engine->now.mono);
    vs_absence_begin(&guest->run->absence, VS_AWAY_LIBVIRT, engine->now.real);
    vs_description_drop(guest);
    vs_engine_unsaved(engine, guest); /* who goes away next doesn't hide that */
}

/* The word that it was started may have gone with the connection. */
static void
drop_starts(VsEngine *engine, const char *uri)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        if (g_str_equal(guest->domain.uri, uri))
            guest->starting = 0;
}

void
vs_connections_connection(VsEngine *engine, const VsEvent *event)
{
    VsConnection *connection = vs_engine_connection(engine, event->uri);
    const char *why = event->connection.why ? event->connection.why : _("no reason given");
    bool was = connection->phase != VS_CONNECTION_AWAY;

    if (was || event->connection.open)
        for_each_run(engine, event->uri, witness_connection, event);
    if (was && !event->connection.open) {
        connection->closed_at = engine->now.mono;
        if (connection->was_listed)
            connection->unseen = (VsAbsence){VS_AWAY_LIBVIRT, engine->now.real};
        drop_starts(engine, event->uri);
    }
    connection->probed_at = 0;
    connection->phase = event->connection.open ? VS_CONNECTION_OPEN : VS_CONNECTION_AWAY;
    if (event->connection.open)
        connection->stops_guests = event->connection.stops_guests;
    connection->n_lists = 0;
    connection->next_list = VS_USEC_INFINITY;
    if (event->connection.open) {
        if (!connection->was_listed)
            vs_absence_begin(&connection->unseen, VS_AWAY_VIRTSTOPD,
                             MIN(engine->seen_until, engine->now.real));
        vs_engine_note(engine, NULL, LOG_INFO, _("Connected to libvirt at %s"), connection->uri);
        connection->opened_at = engine->now.mono;
        connection->unseen_until = engine->now.real;
        connection->opened_step = engine->serial;
        vs_engine_forget_removed(engine, connection->uri);
        vs_engine_list(engine, connection);
    } else {
        vs_engine_note(engine, NULL, LOG_WARNING,
                       was ? _("libvirt at %s went away: %s") : _("libvirt at %s isn't there: %s"),
                       connection->uri, why);
    }
}

void
vs_connections_probe(VsEngine *engine, VsGuest *guest)
{
    vs_engine_connection(engine, guest->domain.uri)->probed_at = engine->now.mono;
    vs_engine_look_up(engine, guest);
}

/* The URI whose libvirt has said this; NULL: none has. */
static const char *
said_by(const VsEvent *event)
{
    switch (event->type) {
    case VS_EVENT_LISTED:
        return event->uri;
    case VS_EVENT_REPLY:
        return event->reply.lost ? NULL : event->domain->uri;
    case VS_EVENT_LOOKED_UP:
    case VS_EVENT_FOUND:
    case VS_EVENT_LIFECYCLE:
    case VS_EVENT_REBOOT:
    case VS_EVENT_WATCHDOG:
    case VS_EVENT_AGENT:
    case VS_EVENT_QMP:
        return event->domain->uri;
    default:
        return NULL;
    }
}

/* Its call was made into the silence, and gets through only now. */
static void
note_waited(VsEngine *engine, VsGuest *guest, int64_t silence)
{
    json_object *item = vs_evidence_new(engine->now.real, "connection");

    vs_json_set_string(item, "event", "silent");
    vs_json_set_int(item, "ms", silence / VS_USEC_PER_MSEC);
    vs_run_witness(guest->run, item);
    vs_stop_got_through(guest->stop, guest->run, engine->now);
    vs_engine_unsaved(engine, guest);
}

static void
note_silence(VsEngine *engine, const char *uri, int64_t silence)
{
    g_autofree char *span = vs_span_say(silence);

    if (silence >= LONG_SILENCE)
        vs_engine_note(engine, NULL, LOG_WARNING, _("libvirt at %s answers again, after %s"), uri,
                       span);
}

/* Whoever waited for that sign is to be looked at. */
static void
end_silence(VsEngine *engine, const char *uri, int64_t silence)
{
    for (unsigned i = 0; i < engine->agenda.guests->len; i++) {
        VsGuest *guest = engine->agenda.guests->pdata[i];

        if (!guest->stop || !guest->run || !g_str_equal(guest->domain.uri, uri))
            continue;
        vs_engine_touch(engine, guest);
        if (silence >= SILENCE && guest->stop->call.state == VS_CALL_MADE &&
            !vs_run_is_over(guest->run) && !vs_stop_is_all_heard(guest->stop, guest->run))
            note_waited(engine, guest, silence);
    }
}

void
vs_connections_heard(VsEngine *engine, const VsEvent *event)
{
    const char *uri = said_by(event);
    VsConnection *connection = uri ? g_hash_table_lookup(engine->connections, uri) : NULL;
    int64_t silence;

    if (!connection || connection->probed_at == 0)
        return;
    silence = engine->now.mono - connection->probed_at;
    connection->proved_at = connection->probed_at;
    connection->probed_at = 0;
    note_silence(engine, uri, silence);
    end_silence(engine, uri, silence);
}

/* Answers may overtake each other: the one to the newer question counts. */
static void
take_definition(VsEngine *engine, VsGuest *guest, const VsDomainInfo *info, uint64_t serial)
{
    if (serial < guest->informed)
        return;
    guest->informed = serial;
    if (g_strcmp0(guest->domain.name, info->domain.name) != 0) {
        g_free(guest->domain.name);
        guest->domain.name = g_strdup(info->domain.name);
        vs_engine_changed(engine, guest);
    }
    if (!guest->defined || guest->persistent != info->persistent)
        vs_engine_changed(engine, guest);
    engine->newcomers |= !guest->defined;
    guest->defined = true;
    guest->gone = false;
    if (guest->persistent != info->persistent)
        engine->newcomers = engine->kinds_told = true;
    guest->persistent = info->persistent;
}

/* It was going off when libvirt went away, and now libvirt says that it runs: a reset was missed.
 */
static bool
came_back(VsEngine *engine, const VsGuest *guest, VsDomainState state)
{
    const VsRun *run = guest->run;

    return state == VS_STATE_RUNNING && run->gap_at > 0 &&
           run->shutdown != VS_SHUTDOWN_REASON_NONE &&
           run->first_sign < vs_engine_connection(engine, guest->domain.uri)->opened_at;
}

static void
found_running(VsEngine *engine, VsGuest *guest, const VsDomainInfo *info)
{
    const VsConnection *connection = vs_engine_connection(engine, guest->domain.uri);
    bool other = guest->run && !vs_run_is_over(guest->run) && guest->domain.id >= 0 &&
                 guest->domain.id != info->domain.id;

    if (other)
        vs_run_end_found_other(engine, guest);
    guest->alive = engine->serial;
    if (guest->run && (other || vs_run_is_over(guest->run))) {
        guest->again = true;
        return;
    }
    if (guest->run) { /* whatever an answer that came late said */
        engine->newcomers |= guest->run->phase == VS_RUN_MISSED;
        vs_run_end_not(guest->run);
    }
    if (!guest->run) {
        bool missed = guest->again; /* what it said while the run before it was judged */

        vs_engine_begin_run(engine, guest);
        guest->run->found_at = MAX(connection->opened_at, 1);
        if (info->state != VS_STATE_RUNNING) /* its system may be down, and its process kept */
            guest->run->deaf_at = guest->run->found_at;
        if (missed || info->state == VS_STATE_SHUTDOWN) /* who did that was missed */
            vs_run_gap(guest->run, engine->now.mono);
    }
    if (came_back(engine, guest, info->state))
        vs_run_rebooted(guest->run, false, engine->now.mono);
    vs_run_found(guest->run, info->state);
    vs_circumstances_found(&guest->run->circumstances, info->state, info->reason, engine->now.real,
                           engine->now.mono);
    guest->taken_over = false;
    if (guest->domain.id != info->domain.id) {
        guest->run->watch = VS_PROCESS_UNWATCHED; /* what was told is of the process before */
        guest->domain.id = info->domain.id;
        vs_engine_changed(engine, guest);
        vs_engine_unsaved(engine, guest);
    }
    vs_engine_set_state(engine, guest, guest->run->kept ? VS_STATE_SHUTDOWN : info->state);
    guest->state_reason = info->reason;
}

static void
found_off(VsEngine *engine, VsGuest *guest, VsDomainState state, int reason)
{
    guest->again = false;
    if (guest->run && !vs_run_is_over(guest->run))
        vs_run_end_found(engine, guest, state, reason);
    if (state == VS_STATE_GONE) {
        guest->gone = true;
        vs_engine_changed(engine, guest);
    }
}

/* It has no run yet, and gets none where the start fails: STARTED tells when it has. */
static bool
is_starting(const VsDomainInfo *info)
{
    return info->state == VS_STATE_PAUSED && info->reason == PAUSED_STARTING_UP;
}

/* What an event told after the question was asked is newer than the answer. */
static bool
is_stale(const VsGuest *guest, uint64_t serial)
{
    return guest->seen > serial;
}

/* An answer that it runs, to a question older than the one that found its end, may be as old: a
 * libvirt that was held up for long answers in any order. */
static bool
is_crossed(const VsGuest *guest, uint64_t serial)
{
    bool runs = guest->run && guest->run->phase == VS_RUN_ALIVE;

    return serial < guest->informed && !runs;
}

/* libvirt had it no more when it answered. Where an event about its end came meanwhile that may
 * have been before the domain itself went: ask again, or it would stay for ever. */
static void
found_missing(VsEngine *engine, VsGuest *guest, uint64_t serial)
{
    if (!is_stale(guest, serial))
        found_off(engine, guest, VS_STATE_GONE, 0);
    else if (!guest->run || vs_run_is_over(guest->run))
        vs_engine_look_up(engine, guest);
}

static void
take_info(VsEngine *engine, const VsDomainInfo *info, uint64_t serial, bool looked_up)
{
    VsGuest *guest = vs_engine_get(engine, &info->domain);
    bool crossed;

    if (!guest) {
        if (info->state == VS_STATE_GONE || vs_engine_was_removed(engine, &info->domain, serial))
            return;
        guest = vs_engine_add(engine, &info->domain);
    }
    if (info->state == VS_STATE_GONE) {
        found_missing(engine, guest, serial);
        return;
    }
    crossed = is_crossed(guest, serial);
    take_definition(engine, guest, info, serial);
    if (is_starting(info))
        return;
    if (!is_stale(guest, serial) && !vs_domain_state_is_active(info->state))
        found_off(engine, guest, info->state, info->reason);
    else if (crossed)
        vs_engine_look_up(engine, guest);
    else if (!is_stale(guest, serial))
        found_running(engine, guest, info);
    if (vs_domain_state_is_active(info->state))
        vs_description_found(engine, guest, info, looked_up);
}

void
vs_connections_looked_up(VsEngine *engine, const VsEvent *event)
{
    take_info(engine, event->looked_up.info, event->looked_up.serial, true);
}

bool
vs_connections_found(VsEngine *engine, const VsDomainInfo *info, uint64_t serial)
{
    const VsGuest *guest;

    take_info(engine, info, serial, true);
    guest = vs_engine_get(engine, &info->domain);
    return is_starting(info) || (guest && guest->again);
}

/* A restored guest may have been off for as long as this daemon was away. */
static void
sweep(VsEngine *engine, const VsEvent *event, GHashTable *listed)
{
    GHashTableIter iter;
    VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if (g_str_equal(guest->domain.uri, event->uri) &&
            !g_hash_table_contains(listed, guest->domain.uuid.text))
            found_missing(engine, guest, event->listed.serial);
    }
}

/* Of a guest that goes down unseen the gap stays. */
static void
close_gap(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (goes_unseen(guest))
        return;
    if (guest->run->absence.who != VS_AWAY_NOBODY)
        vs_engine_unsaved(engine, guest);
    end_gap(guest->run);
}

/* What the list says of the connection itself. */
static void
take_list(VsEngine *engine, VsConnection *connection)
{
    connection->was_listed = true;
    if (connection->phase < VS_CONNECTION_LISTED)
        connection->phase = VS_CONNECTION_LISTED;
    if (connection->phase < VS_CONNECTION_SETTLED &&
        engine->now.mono >= vs_later(connection->opened_at, SETTLE)) {
        connection->phase = VS_CONNECTION_SETTLED;
        connection->settled_at = engine->now.mono;
        connection->settled_step = engine->serial;
    }
}

/* Of a run that is known, or was told of meanwhile, the end is seen, or its own log is read. */
static bool
may_have_run_unseen(const VsGuest *guest, const VsConnection *connection)
{
    return !guest || (!guest->run && guest->seen <= connection->opened_step);
}

/* One of the first list of a connection. */
static void
take_first_info(VsEngine *engine, const VsConnection *connection, const VsDomainInfo *info,
                uint64_t serial)
{
    bool unseen = may_have_run_unseen(vs_engine_get(engine, &info->domain), connection);
    const VsGuest *guest;

    take_info(engine, info, serial, false);
    guest = vs_engine_get(engine, &info->domain); /* none, if it was removed meanwhile */
    if (unseen && guest)
        vs_unseen_ask(engine, connection, guest);
}

void
vs_connections_listed(VsEngine *engine, const VsEvent *event)
{
    g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
    VsConnection *connection = vs_engine_connection(engine, event->uri);
    bool first = connection->phase < VS_CONNECTION_LISTED;

    /* An answer from before the connection broke, or to a question that was asked again since. */
    if (connection->phase == VS_CONNECTION_AWAY || event->listed.serial != connection->list)
        return;
    take_list(engine, connection);
    for (unsigned i = 0; i < event->listed.n_domains; i++) {
        const VsDomainInfo *info = &event->listed.domains[i];

        g_hash_table_add(listed, (void *)info->domain.uuid.text);
        if (first)
            take_first_info(engine, connection, info, event->listed.serial);
        else
            take_info(engine, info, event->listed.serial, false);
    }
    sweep(engine, event, listed);
    if (connection->next_list == VS_USEC_INFINITY)
        for_each_run(engine, event->uri, close_gap, event);
}

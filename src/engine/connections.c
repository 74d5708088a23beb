/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"

/* libvirt's comings and goings, and what is found when it is back. */

/* libvirtd's own threads go on reconnecting to the guests after its socket opens, and only then it
 * notices which of them ended while it was away: look again, and hold back what would end a guest.
 */
static const int64_t look_again[] = {
    1 * VS_USEC_PER_SEC,
    3 * VS_USEC_PER_SEC,
    8 * VS_USEC_PER_SEC,
    15 * VS_USEC_PER_SEC,
};
#define SETTLE (3 * VS_USEC_PER_SEC)

/* libvirt's number (VIR_DOMAIN_PAUSED_STARTING_UP). */
#define PAUSED_STARTING_UP 11

static void
list(VsEngine *engine, VsConnection *host)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_LIST, NULL);

    action->domain.uri = g_strdup(host->uri);
    action->serial = host->list = engine->serial;
    host->next_list = host->n_lists < G_N_ELEMENTS(look_again)
                          ? vs_later(host->opened_at, look_again[host->n_lists])
                          : VS_USEC_INFINITY;
    host->n_lists++;
}

void
vs_connections_look_up(VsEngine *engine, VsGuest *guest)
{
    vs_engine_do(engine, VS_ACTION_LOOK_UP, guest)->serial = engine->serial;
}

void
vs_connections_timer(VsEngine *engine)
{
    GHashTableIter iter;
    VsConnection *host;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&host)) {
        if (engine->now.mono >= host->next_list)
            list(engine, host);
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
        if (guest->run && !guest->run->ended && g_str_equal(guest->domain.uri, uri))
            visit(engine, guest, event);
    }
}

static void
witness_connection(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    json_object *item = vs_evidence_new(engine->now.real, "connection");

    vs_json_set_string(item, "event", event->connection.open ? "opened" : "closed");
    vs_run_witness(guest->run, item);
    vs_run_gap(guest->run);
    if (guest->stop)
        vs_engine_unsaved(engine, guest);
}

void
vs_connections_connection(VsEngine *engine, const VsEvent *event)
{
    VsConnection *host = vs_engine_connection(engine, event->uri);
    const char *why = event->connection.why ? event->connection.why : _("no reason given");
    bool was = host->connected;

    host->connected = event->connection.open;
    host->listed = host->settled = false;
    host->n_lists = 0;
    host->next_list = VS_USEC_INFINITY;
    if (host->connected) {
        vs_engine_note(engine, NULL, LOG_INFO, _("Connected to libvirt at %s"), host->uri);
        host->opened_at = engine->now.mono;
        list(engine, host);
    } else {
        vs_engine_note(engine, NULL, LOG_WARNING,
                       was ? _("libvirt at %s went away: %s") : _("libvirt at %s isn't there: %s"),
                       host->uri, why);
    }
    if (was || host->connected)
        for_each_run(engine, event->uri, witness_connection, event);
}

static void
take_agent(VsEngine *engine, VsGuest *guest, VsAgentState agent)
{
    if (guest->agent != agent)
        vs_engine_changed(engine, guest);
    guest->agent = agent;
    if (guest->run && agent == VS_AGENT_CONNECTED)
        guest->run->agent_seen = true;
    vs_restore_set_clock(engine, guest);
}

static void
take_description(VsEngine *engine, VsGuest *guest, const VsDomainInfo *info)
{
    if (g_strcmp0(guest->domain.name, info->domain.name) != 0) {
        g_free(guest->domain.name);
        guest->domain.name = g_strdup(info->domain.name);
        vs_engine_changed(engine, guest);
    }
    if (!guest->defined || guest->persistent != info->persistent ||
        guest->no_acpi != info->no_acpi || guest->on_poweroff != info->on_poweroff)
        vs_engine_changed(engine, guest);
    guest->defined = true;
    guest->gone = false;
    if (guest->persistent != info->persistent)
        vs_host_stop_newcomer(engine);
    guest->persistent = info->persistent;
    guest->no_acpi = info->no_acpi;
    guest->on_poweroff = info->on_poweroff;
}

/* It was going off when libvirt went away, and now libvirt says that it runs: a reset was missed.
 */
static bool
came_back(VsEngine *engine, const VsGuest *guest, VsDomainState state)
{
    const VsRun *run = guest->run;

    return state == VS_STATE_RUNNING && run->gap && run->shutdown != VS_SHUTDOWN_REASON_NONE &&
           run->first_sign < vs_engine_connection(engine, guest->domain.uri)->opened_at;
}

static void
found_running(VsEngine *engine, VsGuest *guest, const VsDomainInfo *info)
{
    bool other = guest->run && !guest->run->ended && guest->domain.id >= 0 &&
                 guest->domain.id != info->domain.id;

    if (other)
        vs_run_end_found(engine, guest, VS_STATE_GONE, 0);
    if (guest->run && guest->run->ended) {
        guest->again = true;
        return;
    }
    if (!guest->run) {
        vs_guest_events_begin_run(engine, guest);
        guest->run->gap = info->state == VS_STATE_SHUTDOWN; /* who did that was missed */
    }
    if (came_back(engine, guest, info->state))
        vs_guest_events_new_attempt(engine, guest);
    guest->taken_over = false;
    if (guest->domain.id != info->domain.id) {
        guest->domain.id = info->domain.id;
        vs_engine_changed(engine, guest);
        vs_engine_unsaved(engine, guest);
    }
    vs_engine_set_state(engine, guest, info->state);
}

static void
found_off(VsEngine *engine, VsGuest *guest, VsDomainState state, int reason)
{
    if (guest->run && !guest->run->ended)
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

static void
take_info(VsEngine *engine, const VsDomainInfo *info, uint64_t serial)
{
    VsGuest *guest = vs_engine_get(engine, &info->domain);

    if (!guest) {
        if (info->state == VS_STATE_GONE || vs_engine_was_removed(engine, &info->domain, serial))
            return;
        guest = vs_engine_add(engine, &info->domain);
    }
    if (info->state != VS_STATE_GONE) {
        take_description(engine, guest, info);
        if (guest->agent == VS_AGENT_UNKNOWN || !is_stale(guest, serial))
            take_agent(engine, guest, info->agent);
    }
    if (is_stale(guest, serial) || is_starting(info))
        return;
    if (vs_domain_state_is_active(info->state))
        found_running(engine, guest, info);
    else
        found_off(engine, guest, info->state, info->reason);
}

void
vs_connections_looked_up(VsEngine *engine, const VsEvent *event)
{
    take_info(engine, event->looked_up.info, event->looked_up.serial);
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
            !g_hash_table_contains(listed, guest->domain.uuid.text) &&
            !is_stale(guest, event->listed.serial))
            found_off(engine, guest, VS_STATE_GONE, 0);
    }
}

/* Of a guest that is going down, and nobody saw why, the gap stays. */
static void
close_gap(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (guest->state != VS_STATE_SHUTDOWN || guest->run->shutdown != VS_SHUTDOWN_REASON_NONE)
        guest->run->gap = false;
}

void
vs_connections_listed(VsEngine *engine, const VsEvent *event)
{
    g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
    VsConnection *host = vs_engine_connection(engine, event->uri);
    bool was_settled = host->settled;

    /* An answer from before the connection broke, or to a question that was asked again since. */
    if (!host->connected || event->listed.serial != host->list)
        return;
    host->listed = host->was_listed = true;
    host->settled = engine->now.mono >= vs_later(host->opened_at, SETTLE);
    for (unsigned i = 0; i < event->listed.n_domains; i++) {
        const VsDomainInfo *info = &event->listed.domains[i];

        g_hash_table_add(listed, (void *)info->domain.uuid.text);
        take_info(engine, info, event->listed.serial);
    }
    sweep(engine, event, listed);
    if (host->settled && !was_settled) {
        host->settled_at = engine->now.mono;
        vs_host_turn_share_out(engine, host->uri); /* nobody could be asked meanwhile */
    }

    if (host->next_list == VS_USEC_INFINITY)
        for_each_run(engine, event->uri, close_gap, event);
}

int64_t
vs_connections_settled_at(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *host = g_hash_table_lookup(engine->connections, guest->domain.uri);

    if (!host || !host->connected || !host->listed)
        return VS_USEC_INFINITY;
    return guest->run && guest->run->gap && !host->settled ? VS_USEC_INFINITY : 0;
}

int64_t
vs_connections_settled_since(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *host = g_hash_table_lookup(engine->connections, guest->domain.uri);

    return host ? host->settled_at : 0;
}

bool
vs_connections_can_act(const VsEngine *engine, const VsGuest *guest)
{
    return !guest->taken_over && engine->now.mono >= vs_connections_settled_at(engine, guest);
}

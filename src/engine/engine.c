/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

static void
host_free(void *data)
{
    VsConnection *host = data;

    g_free(host->uri);
    g_free(host);
}

static void
guest_free(void *data)
{
    VsGuest *guest = data;

    vs_domain_id_clear(&guest->domain);
    g_clear_pointer(&guest->run, vs_run_free);
    g_clear_pointer(&guest->stop, vs_stop_free);
    g_free(guest);
}

VsEngine *
vs_engine_new(const uint8_t seed[16], const VsPolicy *policy)
{
    VsEngine *engine = g_new0(VsEngine, 1);

    memcpy(engine->seed, seed, sizeof(engine->seed));
    vs_policy_copy(&engine->policy, policy);
    engine->connections = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, host_free);
    engine->guests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, guest_free);
    engine->removed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    vs_agenda_init(&engine->agenda);
    engine->touched = g_ptr_array_new();
    engine->calls = vs_actions_new();
    return engine;
}

void
vs_engine_free(VsEngine *engine)
{
    g_ptr_array_unref(engine->calls);
    g_ptr_array_unref(engine->touched);
    vs_host_stop_end(engine, true);
    g_clear_pointer(&engine->restore, vs_restore_free);
    g_clear_pointer(&engine->ran, g_ptr_array_unref);
    vs_agenda_clear(&engine->agenda);
    g_hash_table_unref(engine->removed);
    g_hash_table_unref(engine->guests);
    g_hash_table_unref(engine->connections);
    vs_policy_clear(&engine->policy);
    g_free(engine);
}

void
vs_engine_set_simulated(VsEngine *engine)
{
    engine->simulated = true;
}

void
vs_engine_watch(VsEngine *engine, const char *uri, VsTime now)
{
    engine->now = now;
    vs_engine_connection(engine, uri);
}

void
vs_engine_set_policy(VsEngine *engine, const VsPolicy *policy)
{
    VsPolicy old = engine->policy;

    vs_policy_copy(&engine->policy, policy);
    vs_policy_clear(&old);
}

int64_t
vs_later(int64_t time, int64_t span)
{
    return span > VS_USEC_INFINITY - MAX(time, 0) ? VS_USEC_INFINITY : time + span;
}

VsUuid
vs_engine_new_id(VsEngine *engine)
{
    return vs_uuid_derive(engine->seed, ++engine->n_ids);
}

VsAction *
vs_engine_do(VsEngine *engine, VsActionType type, const VsGuest *guest)
{
    VsActions *actions = type == VS_ACTION_CALL ? engine->calls : engine->out;

    return vs_actions_add(actions, type, guest ? &guest->domain : NULL);
}

void
vs_engine_note(VsEngine *engine, const VsGuest *guest, int level, const char *format, ...)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_NOTE, guest);
    va_list arguments;

    va_start(arguments, format);
    action->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    action->level = level;
}

VsGuest *
vs_engine_get(VsEngine *engine, const VsDomainId *domain)
{
    g_autofree char *key = vs_domain_key(domain->uri, domain->uuid.text);

    return g_hash_table_lookup(engine->guests, key);
}

VsGuest *
vs_engine_add(VsEngine *engine, const VsDomainId *domain)
{
    VsGuest *guest = g_new0(VsGuest, 1);

    vs_domain_id_copy(&guest->domain, domain);
    guest->state = VS_STATE_SHUTOFF;
    guest->turn = -1;
    g_hash_table_insert(engine->guests, vs_domain_key(domain->uri, domain->uuid.text), guest);
    vs_engine_changed(engine, guest);
    return guest;
}

bool
vs_engine_was_removed(const VsEngine *engine, const VsDomainId *domain, uint64_t since)
{
    g_autofree char *key = vs_domain_key(domain->uri, domain->uuid.text);
    const uint64_t *serial = g_hash_table_lookup(engine->removed, key);

    return serial && *serial > since;
}

VsConnection *
vs_engine_connection(VsEngine *engine, const char *uri)
{
    VsConnection *host = g_hash_table_lookup(engine->connections, uri);

    if (!host) {
        host = g_new0(VsConnection, 1);
        host->uri = g_strdup(uri);
        host->next_list = VS_USEC_INFINITY;
        host->since = engine->now.mono;
        g_hash_table_insert(engine->connections, host->uri, host);
    }
    return host;
}

static void
touch(VsEngine *engine, VsGuest *guest)
{
    if (!guest->touched)
        g_ptr_array_add(engine->touched, guest);
    guest->touched = true;
}

void
vs_engine_unsaved(VsEngine *engine, VsGuest *guest)
{
    touch(engine, guest);
    guest->unsaved = true;
}

void
vs_engine_changed(VsEngine *engine, VsGuest *guest)
{
    touch(engine, guest);
    guest->changed = true;
}

void
vs_engine_set_state(VsEngine *engine, VsGuest *guest, VsDomainState state)
{
    if (guest->state == state)
        return;
    guest->state = state;
    vs_engine_changed(engine, guest);
}

static void
save(VsEngine *engine, VsGuest *guest)
{
    vs_engine_do(engine, VS_ACTION_SAVE, guest)->text = vs_engine_state_save(engine, guest);
}

/* Calls come last: what is kept of a guest, and the record of its run before, stand before them. */
static void
append_calls(VsEngine *engine)
{
    gsize n_calls;
    g_autofree void **calls = g_ptr_array_steal(engine->calls, &n_calls);

    for (gsize i = 0; i < n_calls; i++)
        g_ptr_array_add(engine->out, calls[i]);
}

/* A list that is under way knows only answers from before; it is answered long before so many more
 * go. */
#define MAX_REMOVED 10000

static void
remember_removed(VsEngine *engine, const char *key)
{
    uint64_t *serial = g_new(uint64_t, 1);

    if (g_hash_table_size(engine->removed) >= MAX_REMOVED)
        g_hash_table_remove_all(engine->removed);
    *serial = engine->serial;
    g_hash_table_insert(engine->removed, g_strdup(key), serial);
}

static void
settle_guest(VsEngine *engine, VsGuest *guest)
{
    if (guest->unsaved && guest->run && !engine->simulated)
        save(engine, guest);
    else if (guest->unsaved && !engine->simulated)
        vs_engine_do(engine, VS_ACTION_FORGET, guest);
    if (guest->stop || (guest->run && guest->run->ended))
        vs_agenda_set(&engine->agenda, guest, vs_descent_next_timer(engine, guest));
    else
        vs_agenda_remove(&engine->agenda, guest);

    if (guest->gone && !guest->run) {
        g_autofree char *key = vs_domain_key(guest->domain.uri, guest->domain.uuid.text);

        vs_engine_do(engine, VS_ACTION_GUEST_REMOVED, guest);
        remember_removed(engine, key);
        vs_agenda_remove(&engine->agenda, guest);
        g_hash_table_remove(engine->guests, key);
        return;
    }
    if (guest->changed)
        vs_engine_do(engine, VS_ACTION_GUEST_CHANGED, guest);
    guest->touched = guest->unsaved = guest->changed = false;
}

static void
pass_time_of(VsEngine *engine, VsGuest *guest)
{
    touch(engine, guest);
    vs_run_end_timer(engine, guest);
    vs_descent_advance(engine, guest);
}

/* Where libvirt came, went or was listed, all of its guests may do what they couldn't before. */
static bool
concerns_all(const VsEvent *event)
{
    return event->type == VS_EVENT_CONNECTION || event->type == VS_EVENT_LISTED;
}

static void
pass_time(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = event->domain ? vs_engine_get(engine, event->domain) : NULL;

    vs_connections_timer(engine);
    if (guest)
        touch(engine, guest);
    for (unsigned i = 0; concerns_all(event) && i < engine->agenda.guests->len; i++)
        touch(engine, engine->agenda.guests->pdata[i]);
    while ((guest = vs_agenda_first(&engine->agenda)) && guest->due <= engine->now.mono) {
        vs_agenda_remove(&engine->agenda, guest); /* it comes back when the step is over */
        touch(engine, guest);
    }
    for (unsigned i = 0; i < engine->touched->len; i++)
        pass_time_of(engine, engine->touched->pdata[i]);
}

static bool
take(VsEngine *engine, const VsEvent *event, GError **error)
{
    switch (event->type) {
    case VS_EVENT_TIMER:
        break; /* time passes at the end of each step */
    case VS_EVENT_CONNECTION:
        vs_connections_connection(engine, event);
        break;
    case VS_EVENT_LISTED:
        vs_connections_listed(engine, event);
        break;
    case VS_EVENT_LOOKED_UP:
        vs_connections_looked_up(engine, event);
        break;
    case VS_EVENT_LIFECYCLE:
        vs_guest_events_lifecycle(engine, event);
        break;
    case VS_EVENT_REBOOT:
        vs_guest_events_reboot(engine, event);
        break;
    case VS_EVENT_WATCHDOG:
        vs_guest_events_watchdog(engine, event);
        break;
    case VS_EVENT_AGENT:
        vs_guest_events_agent(engine, event);
        break;
    case VS_EVENT_QMP:
        vs_guest_events_qmp(engine, event);
        break;
    case VS_EVENT_LOG:
        vs_run_end_log(engine, event);
        break;
    case VS_EVENT_REPLY:
        vs_replies_reply(engine, event);
        break;
    case VS_EVENT_CALL_HELD:
        vs_descent_held(engine, event);
        break;
    case VS_EVENT_OWN_CALL:
        vs_requests_own_call(engine, event);
        break;
    case VS_EVENT_STOP:
        return vs_requests_stop(engine, event, error);
    case VS_EVENT_CANCEL:
        return vs_requests_cancel(engine, event, error);
    case VS_EVENT_ESCALATE:
        return vs_requests_escalate(engine, event, error);
    case VS_EVENT_EXTEND:
        return vs_requests_extend(engine, event, error);
    case VS_EVENT_EXTEND_ALL:
        return vs_host_stop_extend(engine, event, error);
    case VS_EVENT_TAKE_OVER:
        return vs_engine_state_take_over(engine, event, error);
    case VS_EVENT_HOST_SHUTDOWN:
        vs_host_stop_set_shutdown(engine, event->host_shutdown.active);
        break;
    case VS_EVENT_STOP_ALL:
        return vs_host_stop_begin(engine, event, error);
    case VS_EVENT_CANCEL_ALL:
        vs_requests_cancel_all(engine, event->by, false);
        break;
    case VS_EVENT_RESTORE:
        return vs_restore_begin(engine, event, error);
    }
    return true;
}

bool
vs_engine_step(VsEngine *engine, const VsEvent *event, VsTime now, VsActions *actions,
               GError **error)
{
    bool ok;

    engine->serial++;
    engine->now = now;
    engine->out = actions;
    ok = take(engine, event, error);
    pass_time(engine, event);
    vs_host_stop_advance(engine);
    vs_restore_advance(engine);

    for (unsigned i = 0; i < engine->touched->len; i++)
        settle_guest(engine, engine->touched->pdata[i]);
    g_ptr_array_set_size(engine->touched, 0);
    append_calls(engine);
    engine->out = NULL;
    return ok;
}

int64_t
vs_engine_next_timer(const VsEngine *engine)
{
    int64_t next = VS_USEC_INFINITY;
    GHashTableIter iter;
    const VsGuest *guest;
    VsConnection *host;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&host))
        next = MIN(next, host->next_list);

    guest = vs_agenda_first(&engine->agenda);
    if (guest)
        next = MIN(next, guest->due);
    next = MIN(next, vs_host_stop_next_timer(engine));
    return MIN(next, vs_restore_next_timer(engine));
}

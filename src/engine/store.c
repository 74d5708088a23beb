/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/store.h"

#include <string.h>

#include "util/span.h"

int64_t
vs_later(int64_t time, int64_t span)
{
    return span > VS_USEC_INFINITY - MAX(time, 0) ? VS_USEC_INFINITY : time + span;
}

void
vs_inquiry_free(VsInquiry *inquiry)
{
    g_free(inquiry->text);
    g_free(inquiry->uri);
    vs_part_unref(inquiry->part);
    g_ptr_array_unref(inquiry->owing);
    g_free(inquiry);
}

bool
vs_engine_is_late(int64_t late)
{
    return late >= VS_USEC_PER_SEC / 2;
}

bool
vs_engine_listens(const VsEngine *engine)
{
    return engine->listens_until > 0;
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

VsAction *
vs_engine_do_stop(VsEngine *engine, VsActionType type, const VsGuest *guest)
{
    VsAction *action = vs_engine_do(engine, type, guest);

    action->stop = guest->stop->id;
    return action;
}

void
vs_engine_call_aside(VsEngine *engine, VsGuest *guest, VsMethod method)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_CALL, guest);
    json_object *item = vs_evidence_new(engine->now.real, "request");

    action->call = ++engine->n_calls;
    action->method = method;
    vs_json_set_string(item, "method", vs_method_name(method));
    vs_run_witness(guest->run, item);
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
vs_engine_get(const VsEngine *engine, const VsDomainId *domain)
{
    g_autofree char *key = vs_domain_key(domain->uri, domain->uuid.text);

    return g_hash_table_lookup(engine->guests, key);
}

/* Of a guest that was removed, for events that come late. */
typedef struct Removed {
    uint64_t step;
    int64_t owed_until; /* as VsGuest has it, and these */
    int past_id;
    uint64_t past_step;
    bool past_told;
} Removed;

static const Removed *
find_removed(const VsEngine *engine, const VsDomainId *domain)
{
    g_autofree char *key = vs_domain_key(domain->uri, domain->uuid.text);

    return g_hash_table_lookup(engine->removed, key);
}

/* A transient guest that is back may have a STOPPED of its last life yet to come. */
static void
recall(const VsEngine *engine, VsGuest *guest)
{
    const Removed *removed = find_removed(engine, &guest->domain);

    if (!removed)
        return;
    guest->owed_until = removed->owed_until;
    guest->past_id = removed->past_id;
    guest->past_step = removed->past_step;
    guest->past_told = removed->past_told;
}

VsGuest *
vs_engine_add(VsEngine *engine, const VsDomainId *domain)
{
    VsGuest *guest = g_new0(VsGuest, 1);

    vs_domain_id_copy(&guest->domain, domain);
    recall(engine, guest);
    guest->state = VS_STATE_SHUTOFF;
    guest->turn = -1;
    guest->reading.again_at = VS_USEC_INFINITY;
    g_hash_table_insert(engine->guests, vs_domain_key(domain->uri, domain->uuid.text), guest);
    vs_engine_changed(engine, guest);
    return guest;
}

/* A list that is under way knows only answers from before; it is answered long before so many more
 * go. */
#define MAX_REMOVED 10000

void
vs_engine_remove(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *key = vs_domain_key(guest->domain.uri, guest->domain.uuid.text);
    Removed *removed = g_new(Removed, 1);

    if (g_hash_table_size(engine->removed) >= MAX_REMOVED)
        g_hash_table_remove_all(engine->removed);
    *removed = (Removed){.step = engine->serial,
                         .owed_until = guest->owed_until,
                         .past_id = guest->past_id,
                         .past_step = guest->past_step,
                         .past_told = guest->past_told};
    g_hash_table_insert(engine->removed, g_strdup(key), removed);
    vs_agenda_remove(&engine->agenda, guest);
    g_hash_table_remove(engine->guests, key);
}

bool
vs_engine_was_removed(const VsEngine *engine, const VsDomainId *domain, uint64_t since)
{
    const Removed *removed = find_removed(engine, domain);

    return removed && removed->step > since;
}

static gboolean
is_at(void *key, void *value, void *uri)
{
    return g_str_equal(strchr(key, ' ') + 1, uri);
}

void
vs_engine_forget_removed(VsEngine *engine, const char *uri)
{
    g_hash_table_foreach_remove(engine->removed, is_at, (char *)uri);
}

VsConnection *
vs_engine_connection(VsEngine *engine, const char *uri)
{
    VsConnection *connection = g_hash_table_lookup(engine->connections, uri);

    if (!connection) {
        connection = g_new0(VsConnection, 1);
        connection->uri = g_strdup(uri);
        connection->next_list = VS_USEC_INFINITY;
        connection->since = engine->now.mono;
        g_hash_table_insert(engine->connections, connection->uri, connection);
    }
    return connection;
}

VsConnection *
vs_engine_connection_of(const VsEngine *engine, const VsGuest *guest)
{
    return g_hash_table_lookup(engine->connections, guest->domain.uri);
}

void
vs_engine_touch(VsEngine *engine, VsGuest *guest)
{
    if (!guest->touched)
        g_ptr_array_add(engine->touched, guest);
    guest->touched = true;
}

void
vs_engine_unsaved(VsEngine *engine, VsGuest *guest)
{
    vs_engine_touch(engine, guest);
    guest->unsaved = true;
}

/* A power-off is some ten events, a boot some twenty. */
#define HEARD_BURST 60
#define HEARD_SPAN  VS_USEC_PER_SEC

void
vs_engine_heard(VsEngine *engine, VsGuest *guest)
{
    int64_t paid = vs_later(MAX(guest->heard_until, engine->now.mono), HEARD_SPAN);
    int64_t at = paid - HEARD_BURST * HEARD_SPAN;

    vs_engine_touch(engine, guest);
    if (at > engine->now.mono) {
        guest->save_at = at;
        return;
    }
    guest->heard_until = paid;
    vs_engine_unsaved(engine, guest);
}

void
vs_engine_changed(VsEngine *engine, VsGuest *guest)
{
    vs_engine_touch(engine, guest);
    guest->changed = true;
}

void
vs_engine_stop_changed(VsEngine *engine, VsGuest *guest)
{
    vs_engine_do_stop(engine, VS_ACTION_STOP_CHANGED, guest);
    vs_engine_unsaved(engine, guest);
}

void
vs_engine_stop_followed(VsEngine *engine, VsGuest *guest)
{
    vs_engine_do_stop(engine, VS_ACTION_STOP_CHANGED, guest);
    vs_engine_heard(engine, guest);
}

void
vs_engine_set_state(VsEngine *engine, VsGuest *guest, VsDomainState state)
{
    if (guest->state == state)
        return;
    guest->state = state;
    guest->state_reason = -1;
    guest->state_asked = 0;
    guest->state_since = engine->now.mono;
    vs_engine_changed(engine, guest);
}

void
vs_engine_set_owner(VsEngine *engine, VsGuest *guest, VsOwner owner)
{
    if (guest->owner == owner)
        return;
    guest->owner = owner;
    vs_engine_changed(engine, guest);
    if (guest->run)
        vs_engine_unsaved(engine, guest);
}

/* libvirtd's own threads go on reconnecting to the guests after its socket opens, and only then it
 * notices which of them ended while it was away: look again. */
static const int64_t look_again[] = {
    1 * VS_USEC_PER_SEC,
    3 * VS_USEC_PER_SEC,
    8 * VS_USEC_PER_SEC,
    15 * VS_USEC_PER_SEC,
};

void
vs_engine_list(VsEngine *engine, VsConnection *connection)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_LIST, NULL);

    action->domain.uri = g_strdup(connection->uri);
    action->serial = connection->list = engine->serial;
    connection->next_list = connection->n_lists < G_N_ELEMENTS(look_again)
                                ? vs_later(connection->opened_at, look_again[connection->n_lists])
                                : VS_USEC_INFINITY;
    connection->n_lists++;
}

void
vs_engine_look_up(VsEngine *engine, VsGuest *guest)
{
    vs_engine_do(engine, VS_ACTION_LOOK_UP, guest)->serial = engine->serial;
}

void
vs_engine_begin_run(VsEngine *engine, VsGuest *guest)
{
    guest->run = vs_run_new(vs_engine_new_id(engine), engine->now.real);
    guest->run->found_at = MAX(engine->now.mono, 1); /* until its start is told */
    guest->description = (VsDescription){0};
    g_free(guest->reading.why_not);
    guest->reading = (VsReading){.asked_at = engine->now.mono, .again_at = VS_USEC_INFINITY};
    guest->gone = guest->taken_over = guest->left = guest->again = false;
    guest->alive = engine->serial;
    if (!vs_domain_state_is_active(guest->state))
        vs_engine_set_state(engine, guest, VS_STATE_RUNNING);
    engine->newcomers = true;
    vs_engine_unsaved(engine, guest);
}

VsHostStop *
vs_engine_host_stop_of(const VsEngine *engine, const VsStop *stop)
{
    if (!stop || !vs_stop_is_of_host_stop(stop))
        return NULL;
    for (unsigned i = engine->host_stops->len; i > 0; i--) {
        VsHostStop *host_stop = engine->host_stops->pdata[i - 1];

        if (vs_host_stop_is_in_flight(host_stop) &&
            g_str_equal(host_stop->id.text, stop->host_stop.text))
            return host_stop;
    }
    return NULL;
}

static VsHostStop *
find_in_flight(const VsEngine *engine, bool of_all)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (vs_host_stop_is_in_flight(host_stop) && (!of_all || !host_stop->part))
            return host_stop;
    }
    return NULL;
}

VsHostStop *
vs_engine_stop_of_all(const VsEngine *engine)
{
    return find_in_flight(engine, true);
}

VsHostStop *
vs_engine_any_host_stop(const VsEngine *engine)
{
    return find_in_flight(engine, false);
}

bool
vs_engine_is_wanted(const VsEngine *engine, const VsGuest *guest)
{
    bool by_hand = false;

    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (!vs_host_stop_is_in_flight(host_stop) ||
            !vs_host_stop_means(host_stop, &engine->policy, &guest->domain, guest->labels))
            continue;
        if (host_stop->shutdown)
            return false;
        by_hand = true;
    }
    return by_hand && guest->starting == 0;
}

VsHostStop *
vs_engine_host_stop_in(const VsEngine *engine, VsHostStopPhase phase)
{
    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (host_stop->phase == phase)
            return host_stop;
    }
    return NULL;
}

void
vs_engine_drop_restore(VsEngine *engine)
{
    g_free(engine->restore.message);
    engine->restore = (VsRestore){0};
    engine->host_stops_unsaved = true;
}

static bool
is_last_call(const VsEngine *engine, const VsGuest *guest)
{
    const VsHostStop *host_stop = vs_engine_host_stop_of(engine, guest->stop);
    const VsStep *step = host_stop ? vs_stop_step(guest->stop) : NULL;

    return step && host_stop->phase >= VS_HOST_STOP_LAST_CALL && guest->domain.id >= 0 &&
           vs_method_info(step->method)->effect == VS_EFFECT_FORCES;
}

int64_t
vs_engine_can_act_at(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    VsConnectionPhase needed =
        guest->run && guest->run->gap_at > 0 ? VS_CONNECTION_SETTLED : VS_CONNECTION_LISTED;

    if (connection && connection->phase >= VS_CONNECTION_OPEN && is_last_call(engine, guest))
        return 0;
    if (guest->taken_over || !connection || connection->phase < needed)
        return VS_USEC_INFINITY;
    return 0;
}

bool
vs_engine_can_act(const VsEngine *engine, const VsGuest *guest)
{
    return engine->now.mono >= vs_engine_can_act_at(engine, guest);
}

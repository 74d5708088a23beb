/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/engine-private.h"

#include <syslog.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What ran before all guests were stopped is started again: one after the other, in the reverse
 * order of going down. */

#define REVIVE_SCHEMA 1

/* Before a start that was lost with its connection is tried again. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

struct VsRevival {
    GQueue queue;    /* of VsDomainId, the next one first */
    uint64_t call;   /* the start under way; 0: none */
    int64_t next_at; /* monotonic µs */
    unsigned n_started;
};

static void
free_entry(void *data)
{
    VsDomainId *domain = data;

    vs_domain_id_clear(domain);
    g_free(domain);
}

void
vs_revival_free(VsRevival *revival)
{
    g_queue_clear_full(&revival->queue, free_entry);
    g_free(revival);
}

static json_object *
entry_json(const VsDomainId *domain)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "uri", domain->uri);
    vs_json_set_string(object, "uuid", domain->uuid.text);
    vs_json_set_string(object, "name", domain->name);
    return object;
}

/* The guests of the host stop by the order in which they would go down if each went at once. */
static GPtrArray *
going_down(const VsEngine *engine)
{
    const GPtrArray *guests = engine->host_stop->guests;
    g_autofree VsScheduleGuest *entries = g_new0(VsScheduleGuest, guests->len);
    g_autoptr(VsSchedule) schedule = NULL;
    GPtrArray *order = g_ptr_array_new();
    int next;

    for (unsigned i = 0; i < guests->len; i++)
        entries[i].name = ((const VsGuest *)guests->pdata[i])->domain.name;
    schedule = vs_schedule_new(&engine->policy, entries, guests->len);
    while ((next = vs_schedule_next(schedule)) >= 0) {
        g_ptr_array_add(order, guests->pdata[next]);
        vs_schedule_done(schedule, (unsigned)next);
    }
    return order;
}

void
vs_revive_keep(VsEngine *engine)
{
    g_autoptr(GPtrArray) order = going_down(engine);
    g_autoptr(json_object) object = json_object_new_object();
    json_object *array = json_object_new_array();

    for (unsigned i = order->len; i > 0; i--) {
        const VsGuest *guest = order->pdata[i - 1];

        if (guest->persistent) /* a transient one is gone for good */
            json_object_array_add(array, entry_json(&guest->domain));
    }
    for (GList *item = engine->revival ? engine->revival->queue.head : NULL; item;
         item = item->next)
        json_object_array_add(array, entry_json(item->data)); /* not started yet */
    g_clear_pointer(&engine->revival, vs_revival_free);

    vs_json_set_int(object, "schema", REVIVE_SCHEMA);
    vs_json_set(object, "guests", array);
    vs_engine_do(engine, VS_ACTION_KEEP_RUNNING, NULL)->text = g_strdup(vs_json_line(object));
}

static bool
take_entry(VsRevival *revival, json_object *object)
{
    const char *uri = vs_json_string(object, "uri", NULL);
    const char *uuid = vs_json_string(object, "uuid", "");
    VsDomainId *domain;

    if (!uri || !vs_uuid_is_valid(uuid))
        return false;
    domain = g_new0(VsDomainId, 1);
    domain->uri = g_strdup(uri);
    domain->name = g_strdup(vs_json_string(object, "name", uuid));
    g_strlcpy(domain->uuid.text, uuid, sizeof(domain->uuid.text));
    domain->id = -1;
    g_queue_push_tail(&revival->queue, domain);
    return true;
}

bool
vs_revive_begin(VsEngine *engine, const VsEvent *event, GError **error)
{
    g_autoptr(json_object) object = vs_json_parse_object(event->revive.text, error);
    json_object *array = vs_json_array(object, "guests");

    if (!object)
        return false;
    if (engine->host_stop) {
        g_set_error(
            error, VS_ERROR, VS_ERROR_FAILED,
            _("All guests are being stopped: call that off first (virtstopctl cancel --all)"));
        return false;
    }
    if (engine->revival)
        return true; /* under way already */
    engine->revival = g_new0(VsRevival, 1);
    g_queue_init(&engine->revival->queue);
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        if (take_entry(engine->revival, json_object_array_get_idx(array, i)))
            continue;
        g_clear_pointer(&engine->revival, vs_revival_free);
        g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                    _("The list of the guests that ran is damaged at its entry %zu"), i + 1);
        return false;
    }
    return true;
}

/* Once the agent is there, which is at once where the guest was saved with it. */
void
vs_revive_set_clock(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = NULL;
    VsAction *action;

    if (!guest->set_clock || guest->agent != VS_AGENT_CONNECTED)
        return;
    guest->set_clock = false;
    name = vs_text_quoted(guest->domain.name);
    vs_engine_note(engine, guest, LOG_INFO, _("%s: its agent is asked to set the clock"), name);
    action = vs_engine_do(engine, VS_ACTION_CALL, guest);
    action->call = ++engine->n_calls; /* whatever the answer is: it is no more than an attempt */
    action->method = VS_METHOD_SET_CLOCK;
}

static void
want_clock(VsEngine *engine, const VsDomainId *domain)
{
    VsGuest *guest = vs_engine_get(engine, domain);

    if (!guest || !engine->policy.sync_time)
        return;
    guest->set_clock = true;
    vs_revive_set_clock(engine, guest);
}

bool
vs_revive_answer(VsEngine *engine, const VsEvent *event)
{
    VsRevival *revival = engine->revival;
    g_autofree char *name = NULL, *message = NULL;
    VsDomainId *domain;

    if (!revival || revival->call == 0 || revival->call != event->reply.call)
        return false;
    revival->call = 0;
    if (event->reply.lost) {
        revival->next_at = vs_later(engine->now.mono, RETRY_PAUSE);
        return true;
    }
    domain = g_queue_pop_head(&revival->queue);
    name = vs_text_quoted(domain->name);
    message = event->reply.ok ? NULL : vs_text_printable(event->reply.message);
    if (event->reply.ok)
        vs_engine_note(engine, NULL, LOG_INFO, _("%s: started again"), name);
    else
        vs_engine_note(engine, NULL, LOG_ERR, _("%s: can't be started again: %s"), name, message);
    if (event->reply.ok)
        want_clock(engine, domain);
    revival->n_started += event->reply.ok;
    revival->next_at = vs_later(engine->now.mono, event->reply.ok ? engine->policy.start_delay : 0);
    free_entry(domain);
    return true;
}

/* Why it isn't started; NULL where it is to be. */
static const char *
why_not(const VsEngine *engine, const VsGuest *guest)
{
    VsGuestPolicy policy;

    if (!guest || guest->gone)
        return N_("there is no such domain any more");
    if (guest->run && !guest->run->ended)
        return N_("it runs already");
    vs_policy_resolve(&engine->policy, guest->domain.name, &policy);
    return policy.on_boot == VS_ON_BOOT_IGNORE ? N_("OnBoot=ignore") : NULL;
}

static void
start(VsEngine *engine, VsGuest *guest)
{
    VsAction *action = vs_engine_do(engine, VS_ACTION_CALL, guest);

    engine->revival->call = ++engine->n_calls;
    action->call = engine->revival->call;
    action->method = VS_METHOD_START;
    action->bypass_cache = engine->policy.bypass_cache;
}

/* False where nothing can be done for now. */
static bool
take_next(VsEngine *engine, VsRevival *revival)
{
    VsDomainId *domain = g_queue_peek_head(&revival->queue);
    const VsHost *host = g_hash_table_lookup(engine->hosts, domain->uri);
    VsGuest *guest = vs_engine_get(engine, domain);
    const char *why = why_not(engine, guest);
    g_autofree char *name = NULL;

    if (!host || !host->listed || engine->now.mono < revival->next_at)
        return false;
    if (!why) {
        start(engine, guest);
        return false;
    }
    name = vs_text_quoted(domain->name);
    vs_engine_note(engine, NULL, LOG_NOTICE, _("%s: not started again: %s"), name, _(why));
    free_entry(g_queue_pop_head(&revival->queue));
    return true;
}

void
vs_revive_advance(VsEngine *engine)
{
    VsRevival *revival = engine->revival;

    if (!revival || revival->call != 0)
        return;
    while (!g_queue_is_empty(&revival->queue))
        if (!take_next(engine, revival))
            return;
    vs_engine_note(engine, NULL, LOG_NOTICE, _("Guests started again: %u"), revival->n_started);
    vs_engine_do(engine, VS_ACTION_KEEP_RUNNING, NULL);
    g_clear_pointer(&engine->revival, vs_revival_free);
}

int64_t
vs_revive_next_timer(const VsEngine *engine)
{
    const VsRevival *revival = engine->revival;
    const VsDomainId *domain;
    const VsHost *host;

    if (!revival || revival->call != 0 || !revival->queue.head)
        return VS_USEC_INFINITY;
    domain = revival->queue.head->data;
    host = g_hash_table_lookup(engine->hosts, domain->uri);
    return host && host->listed ? revival->next_at : VS_USEC_INFINITY;
}

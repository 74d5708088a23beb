/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/picture.h"

#include <string.h>

#include "engine/store.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

const VsGuest *
vs_engine_find(const VsEngine *engine, const char *uri, const char *uuid)
{
    g_autofree char *key = vs_domain_key(uri, uuid);

    return g_hash_table_lookup(engine->guests, key);
}

const VsGuest *
vs_engine_find_stop(const VsEngine *engine, const char *stop_id)
{
    const GPtrArray *guests = engine->agenda.guests;

    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];

        if (guest->stop && g_str_equal(guest->stop->id.text, stop_id))
            return guest;
    }
    return NULL;
}

bool
vs_engine_runs_hooks(const VsEngine *engine)
{
    return engine->has_hooks && engine->policy.hook_timeout > 0;
}

bool
vs_engine_is_stopping_all(const VsEngine *engine)
{
    return vs_engine_any_host_stop(engine) != NULL;
}

int64_t
vs_engine_time_for_all(const VsEngine *engine, int64_t now)
{
    const VsHostStop *host_stop = vs_engine_any_host_stop(engine);

    if (!host_stop || host_stop->deadline == VS_USEC_INFINITY)
        return VS_USEC_INFINITY;
    return MAX(host_stop->deadline - now, 0);
}

const VsGuest *
vs_engine_waits_for(const VsEngine *engine, const VsGuest *guest)
{
    const VsHostStop *host_stop = guest ? vs_engine_host_stop_of(engine, guest->stop) : NULL;
    int other;

    if (!host_stop || guest->turn < 0 || !host_stop->schedule)
        return NULL;
    other = vs_schedule_waits_for(host_stop->schedule, (unsigned)guest->turn);
    return other < 0 ? NULL : host_stop->guests->pdata[other];
}

void
vs_engine_policy_for(const VsEngine *engine, const VsGuest *guest, VsGuestPolicy *ret)
{
    vs_guest_policy(guest, &engine->policy, ret);
}

void
vs_engine_policy_for_ran(const VsEngine *engine, const VsRan *ran, VsGuestPolicy *ret)
{
    const VsGuest *guest = vs_engine_get(engine, &ran->domain);

    vs_labels_resolve(&engine->policy, &ran->domain,
                      guest && guest->labels ? guest->labels : ran->labels, ret);
}

VsOwner
vs_engine_owner_of(const VsEngine *engine, const VsGuest *guest)
{
    VsGuestPolicy policy;

    vs_engine_policy_for(engine, guest, &policy);
    return vs_owner_resolve(policy.owner, guest->owner);
}

bool
vs_engine_is_of_part(const VsEngine *engine, const VsGuest *guest, const VsPart *part)
{
    return vs_part_means(part, &engine->policy, &guest->domain, guest->labels);
}

bool
vs_engine_is_connected(const VsEngine *engine, const char *uri)
{
    const VsConnection *connection = g_hash_table_lookup(engine->connections, uri);

    return connection && connection->phase >= VS_CONNECTION_OPEN;
}

bool
vs_engine_is_listed(const VsEngine *engine, const char *uri)
{
    const VsConnection *connection = g_hash_table_lookup(engine->connections, uri);

    return connection && connection->phase >= VS_CONNECTION_LISTED;
}

bool
vs_engine_awaits_labels(const VsEngine *engine)
{
    GHashTableIter iter;
    const VsGuest *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest))
        if (!guest->labels && guest->reading.awaited)
            return true;
    return false;
}

static int
by_name(const void *a, const void *b)
{
    const VsGuest *left = *(VsGuest *const *)a, *right = *(VsGuest *const *)b;
    int order = strcmp(left->domain.name, right->domain.name);

    return order ? order : strcmp(left->domain.uri, right->domain.uri);
}

GPtrArray *
vs_engine_guests(const VsEngine *engine)
{
    GPtrArray *guests = g_ptr_array_sized_new(g_hash_table_size(engine->guests));
    GHashTableIter iter;
    void *guest;

    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, &guest))
        g_ptr_array_add(guests, guest);
    g_ptr_array_sort(guests, by_name);
    return guests;
}

static bool
has_id(const VsGuest *guest, const char *text)
{
    guint64 id;

    return guest->domain.id >= 0 && g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &id, NULL) &&
           (int)id == guest->domain.id;
}

static bool
has_uuid(const VsGuest *guest, const char *text)
{
    return g_ascii_strcasecmp(guest->domain.uuid.text, text) == 0;
}

static bool
has_name(const VsGuest *guest, const char *text)
{
    return g_str_equal(guest->domain.name, text);
}

static bool
runs(const VsGuest *guest)
{
    return guest->run && !vs_run_is_over(guest->run);
}

static bool
ambiguous(const char *text, const VsGuest *one, const VsGuest *other, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(text);

    if (g_str_equal(one->domain.uri, other->domain.uri))
        g_set_error(error, VS_ERROR, VS_ERROR_AMBIGUOUS,
                    _("There is more than one domain %s at %s, %s and %s: say which by its UUID"),
                    quoted, one->domain.uri, one->domain.uuid.text, other->domain.uuid.text);
    else
        g_set_error(
            error, VS_ERROR, VS_ERROR_AMBIGUOUS,
            _("There is more than one domain %s, at %s (%s) and at %s (%s): say which by its URI"),
            quoted, one->domain.uri, one->domain.uuid.text, other->domain.uri,
            other->domain.uuid.text);
    return false;
}

/* False with @error where two fit; @ret is NULL where none does. @running: only of those that run.
 */
static bool
find_one(const VsEngine *engine, bool (*fits)(const VsGuest *, const char *), bool running,
         const char *text, const char *uri, const VsGuest **ret, GError **error)
{
    GHashTableIter iter;
    VsGuest *guest;

    *ret = NULL;
    g_hash_table_iter_init(&iter, engine->guests);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&guest)) {
        if ((uri && !g_str_equal(uri, guest->domain.uri)) || (running && !runs(guest)) ||
            !fits(guest, text))
            continue;
        if (*ret)
            return ambiguous(text, *ret, guest, error);
        *ret = guest;
    }
    return true;
}

/* A libvirt that is away may have the domain: then that is what to say. */
static void
no_such_domain(const VsEngine *engine, const char *text, const char *uri, GError **error)
{
    g_autofree char *quoted = vs_text_quoted(text);
    GHashTableIter iter;
    VsConnection *connection;

    g_hash_table_iter_init(&iter, engine->connections);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&connection)) {
        if (connection->phase == VS_CONNECTION_AWAY &&
            (!uri || g_str_equal(uri, connection->uri))) {
            g_set_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED,
                        _("No domain %s is known, and libvirt at %s isn't connected"), quoted,
                        connection->uri);
            return;
        }
    }
    g_set_error(error, VS_ERROR, VS_ERROR_NO_SUCH_DOMAIN,
                _("There is no domain with the name, UUID or id %s"), quoted);
}

const VsGuest *
vs_engine_resolve(const VsEngine *engine, const char *text, const char *uri, GError **error)
{
    static bool (*const ways[])(const VsGuest *, const char *) = {has_id, has_uuid, has_name};
    const VsGuest *guest;

    for (size_t i = 0; i < 2 * G_N_ELEMENTS(ways); i++) {
        if (!find_one(engine, ways[i / 2], i % 2 == 0, text, uri, &guest, error))
            return NULL;
        if (guest)
            return guest;
    }
    no_such_domain(engine, text, uri, error);
    return NULL;
}

const VsHostStop *
vs_engine_find_host_stop(const VsEngine *engine, const VsGuest *guest)
{
    return vs_engine_host_stop_of(engine, guest->stop);
}

const GPtrArray *
vs_engine_host_stops(const VsEngine *engine)
{
    return engine->host_stops;
}

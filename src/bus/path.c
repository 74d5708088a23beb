/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/path.h"

#include <string.h>

#define HASH_LEN 8

static void
hash_uri(const char *uri, char ret_hash[HASH_LEN + 1])
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, uri, -1);

    g_strlcpy(ret_hash, sum, HASH_LEN + 1);
}

static VsUuid
escape(const VsUuid *uuid)
{
    VsUuid escaped = *uuid;

    g_strdelimit(escaped.text, "-", '_');
    return escaped;
}

/* Where @path is a domain's, the hash at its end; else NULL. */
static const char *
split_path(const char *path, VsUuid *ret_uuid)
{
    const char *name = path + strlen(VS_BUS_DOMAIN_PREFIX "/");
    VsUuid uuid;

    if (!g_str_has_prefix(path, VS_BUS_DOMAIN_PREFIX "/"))
        return NULL;
    if (strlen(name) != VS_UUID_LEN + 1 + HASH_LEN || name[VS_UUID_LEN] != '_')
        return NULL;
    if (memchr(name, '-', VS_UUID_LEN))
        return NULL;

    g_strlcpy(uuid.text, name, sizeof uuid.text);
    g_strdelimit(uuid.text, "_", '-');
    if (!vs_uuid_is_valid(uuid.text))
        return NULL;
    *ret_uuid = uuid;
    return name + VS_UUID_LEN + 1;
}

char *
vs_bus_domain_path(const VsDomainId *domain)
{
    VsUuid escaped = escape(&domain->uuid);
    char hash[HASH_LEN + 1];

    hash_uri(domain->uri, hash);
    return g_strdup_printf(VS_BUS_DOMAIN_PREFIX "/%s_%s", escaped.text, hash);
}

char *
vs_bus_stop_path(const VsUuid *stop)
{
    VsUuid escaped = escape(stop);

    return g_strdup_printf(VS_BUS_STOP_PREFIX "/%s", escaped.text);
}

char *
vs_bus_guest_stop_path(const VsGuest *guest)
{
    return guest->stop ? vs_bus_stop_path(&guest->stop->id) : g_strdup(VS_BUS_NO_PATH);
}

void
vs_bus_learn_uri(VsBus *bus, const char *uri)
{
    char hash[HASH_LEN + 1];

    hash_uri(uri, hash);
    if (!g_hash_table_contains(bus->uri_by_hash, hash))
        g_hash_table_insert(bus->uri_by_hash, g_strdup(hash), g_strdup(uri));
}

const VsGuest *
vs_bus_guest_of_domain_path(VsBus *bus, const char *path)
{
    VsUuid uuid;
    const char *hash = split_path(path, &uuid);
    const char *uri = hash ? g_hash_table_lookup(bus->uri_by_hash, hash) : NULL;

    return uri ? vs_engine_find(bus->engine, uri, uuid.text) : NULL;
}

const VsGuest *
vs_bus_guest_of_stop_path(VsBus *bus, const char *path)
{
    const char *domain_path = g_hash_table_lookup(bus->stops, path);
    const VsGuest *guest = domain_path ? vs_bus_guest_of_domain_path(bus, domain_path) : NULL;
    g_autofree char *own_path = guest ? vs_bus_guest_stop_path(guest) : NULL;

    return g_strcmp0(own_path, path) == 0 ? guest : NULL;
}

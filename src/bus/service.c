/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/service.h"

#include "bus/path.h"

VsBus *
vs_bus_of(sd_bus *connection)
{
    return sd_bus_slot_get_userdata(sd_bus_get_current_slot(connection));
}

bool
vs_bus_is_heard(const VsBus *bus)
{
    return bus->name != VS_BUS_NAME_NONE;
}

void
vs_bus_learn_uri(VsBus *bus, const char *uri)
{
    char hash[VS_BUS_HASH_LEN + 1];

    vs_bus_hash_uri(uri, hash);
    if (!g_hash_table_contains(bus->uri_by_hash, hash))
        g_hash_table_insert(bus->uri_by_hash, g_strdup(hash), g_strdup(uri));
}

const VsGuest *
vs_bus_guest_of_domain_path(VsBus *bus, const char *path)
{
    VsUuid uuid;
    const char *hash = vs_bus_split_domain_path(path, &uuid);
    const char *uri = hash ? g_hash_table_lookup(bus->uri_by_hash, hash) : NULL;

    return uri ? vs_engine_find(bus->engine, uri, uuid.text) : NULL;
}

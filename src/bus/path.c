/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/path.h"

#include <string.h>

void
vs_bus_hash_uri(const char *uri, char ret_hash[VS_BUS_HASH_LEN + 1])
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, uri, -1);

    g_strlcpy(ret_hash, sum, VS_BUS_HASH_LEN + 1);
}

static VsUuid
escape(const VsUuid *uuid)
{
    VsUuid escaped = *uuid;

    g_strdelimit(escaped.text, "-", '_');
    return escaped;
}

char *
vs_bus_domain_path(const VsDomainId *domain)
{
    VsUuid escaped = escape(&domain->uuid);
    char hash[VS_BUS_HASH_LEN + 1];

    vs_bus_hash_uri(domain->uri, hash);
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

char *
vs_bus_host_stop_path(const VsUuid *host_stop)
{
    VsUuid escaped = escape(host_stop);

    if (*escaped.text == '\0')
        return g_strdup(VS_BUS_NO_PATH);
    return g_strdup_printf(VS_BUS_HOST_STOP_PREFIX "/%s", escaped.text);
}

const char *
vs_bus_split_domain_path(const char *path, VsUuid *ret_uuid)
{
    const char *name = path + strlen(VS_BUS_DOMAIN_PREFIX "/");
    VsUuid uuid;

    if (!g_str_has_prefix(path, VS_BUS_DOMAIN_PREFIX "/"))
        return NULL;
    if (strlen(name) != VS_UUID_LEN + 1 + VS_BUS_HASH_LEN || name[VS_UUID_LEN] != '_')
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

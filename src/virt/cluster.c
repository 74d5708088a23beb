/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/cluster.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "virt/place.h"

#define DIRECTORY "/run/resource-agents"

bool
vs_cluster_has(const VsDomainId *domain)
{
    g_autofree char *path = NULL;

    if (!domain->name || strchr(domain->name, '/') || !vs_place_is_system(domain->uri))
        return false;
    path = g_strdup_printf(DIRECTORY "/VirtualDomain-%s-emu.state", domain->name);
    return access(path, F_OK) == 0;
}

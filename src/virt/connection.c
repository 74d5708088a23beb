/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/connection.h"

#include <libvirt/virterror.h>

#include "virt/place.h"

/* Seconds between two pings, and how many may stay without an answer. */
#define KEEPALIVE_INTERVAL 5
#define KEEPALIVE_COUNT    5

virConnectPtr
vs_virt_connection_open(const char *uri)
{
    g_autofree char *way = vs_place_way(uri);
    virConnectPtr connection = virConnectOpen(way);

    /* A way that is there may lead nowhere: its unit is stopped, or SELinux forbids it. libvirt
     * asks polkit about us then; and where libvirt is away, its client says so. */
    if (!connection && !g_str_equal(way, uri))
        connection = virConnectOpen(uri);

    /* A local daemon that dies closes its sockets; a network that dies says nothing. Drivers that
     * have no daemon behind them know no pings. */
    if (connection && !vs_domain_uri_is_local(uri) &&
        virConnectSetKeepAlive(connection, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT) < 0)
        virResetLastError();
    return connection;
}

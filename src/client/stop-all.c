/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/stop-all.h"

#include "client/manager.h"

bool
vs_stop_all_ask(VsClient *client, const VsRequest *request, VsStopWait *wait, GPtrArray **ret_away,
                GError **error)
{
    g_autoptr(sd_bus_message) call = vs_request_new_stop_all(client, request);
    g_autoptr(sd_bus_message) reply = vs_client_send(client, call, error);
    g_auto(VsManagerObject) manager = {0};

    if (!reply || !vs_manager_object_get(client, &manager, error) ||
        /* Others may be stopped beside a part, which are none of ours. */
        !vs_stop_wait_adopt(wait, reply, manager.stopping_all && !request->part, error))
        return false;
    if (ret_away)
        *ret_away = g_steal_pointer(&manager.away);
    return true;
}

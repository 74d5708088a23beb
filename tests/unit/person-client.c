/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "person-client.h"

#include "client/stop-wait.h"

static bool
has_person(void)
{
    return true;
}

static void
on_waited(const VsWaited *waited, void *userdata)
{
}

int
person_client_stop(sd_bus *bus)
{
    VsClient client = {.scope = VS_SCOPE_SYSTEM, .bus = bus, .has_person = has_person};
    VsStopWaitOps ops = {.list = {.changed = on_waited, .over = on_waited}};
    VsRequest request = {0};
    VsStopWait *wait = vs_stop_wait_new(&client, &request, &ops, NULL, NULL);
    int status;

    if (!wait)
        return 100;
    client.call_timeout = 1;
    vs_stop_wait_add(wait, "web1");
    vs_stop_wait_add(wait, "db1");
    vs_stop_wait_add(wait, "web1");
    if (vs_stop_wait_run(wait) != 0)
        return 101;
    status = (int)vs_stop_wait_status(wait);
    vs_stop_wait_free(wait);
    return status == VS_EXIT_NOT_AUTHORISED ? 0 : 102 + status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "candidates/process.h"

#include <systemd/sd-bus.h>

void
vs_process_describe(int pid, json_object *client)
{
    sd_bus_creds *creds = NULL;
    const char *text;
    uid_t login_uid;

    if (sd_bus_creds_new_from_pid(
            &creds, pid, SD_BUS_CREDS_COMM | SD_BUS_CREDS_UNIT | SD_BUS_CREDS_AUDIT_LOGIN_UID) < 0)
        return;
    if (sd_bus_creds_get_comm(creds, &text) >= 0)
        vs_json_set_string(client, "comm", text);
    if (sd_bus_creds_get_unit(creds, &text) >= 0)
        vs_json_set_string(client, "unit", text);
    if (sd_bus_creds_get_audit_login_uid(creds, &login_uid) >= 0)
        vs_json_set_int(client, "login_uid", login_uid);
    sd_bus_creds_unref(creds);
}

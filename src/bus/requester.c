/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/requester.h"

#include "bus/gate.h"
#include "bus/user-names.h"

/* A process may call itself anything, and may be gone by now. */
static void
read_process(pid_t pid, VsRequester *by)
{
    g_autoptr(sd_bus_creds) creds = NULL;
    const char *text;
    uid_t login_uid;

    by->pid = pid;
    if (sd_bus_creds_new_from_pid(
            &creds, pid, SD_BUS_CREDS_COMM | SD_BUS_CREDS_UNIT | SD_BUS_CREDS_AUDIT_LOGIN_UID) < 0)
        return;
    by->logged_in = sd_bus_creds_get_audit_login_uid(creds, &login_uid) >= 0;
    by->login_uid = by->logged_in ? login_uid : 0;
    if (sd_bus_creds_get_comm(creds, &text) >= 0)
        by->comm = vs_bus_text(text);
    if (sd_bus_creds_get_unit(creds, &text) >= 0)
        by->unit = vs_bus_text(text);
}

bool
vs_bus_requester_read(VsBus *bus, sd_bus_message *message, VsRequester *ret, GError **error)
{
    const VsBusCaller *caller = vs_bus_gate_caller(bus, message);

    if (!caller)
        return vs_bus_callers_fail(error);
    *ret = (VsRequester){.uid = caller->user->uid};
    ret->user = g_strdup(vs_bus_user_names_get(bus, ret->uid));
    if (caller->pid > 0)
        read_process(caller->pid, ret);
    return true;
}

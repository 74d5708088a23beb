/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/requester.h"

#include "bus/gate.h"

/* A process may call itself anything, and may be gone by now. */
static void
read_process(pid_t pid, VsRequester *by)
{
    g_autoptr(sd_bus_creds) creds = NULL;
    const char *text;

    by->pid = pid;
    if (sd_bus_creds_new_from_pid(&creds, pid, SD_BUS_CREDS_COMM | SD_BUS_CREDS_UNIT) < 0)
        return;
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
    if (caller->pid > 0)
        read_process(caller->pid, ret);
    return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/requester.h"

#include "util/error.h"
#include "util/i18n.h"

static bool
read_uid(sd_bus_message *message, VsRequester *by)
{
    g_autoptr(sd_bus_creds) creds = NULL;
    uid_t uid;

    if (sd_bus_query_sender_creds(message, SD_BUS_CREDS_EUID, &creds) < 0)
        return false;
    if (sd_bus_creds_get_euid(creds, &uid) < 0)
        return false;
    by->uid = uid;
    return true;
}

/* A process may call itself anything, and may be gone by now. */
static void
read_process(sd_bus_message *message, VsRequester *by)
{
    g_autoptr(sd_bus_creds) creds = NULL;
    const char *text;
    pid_t pid;

    if (sd_bus_query_sender_creds(message,
                                  SD_BUS_CREDS_PID | SD_BUS_CREDS_COMM | SD_BUS_CREDS_UNIT |
                                      SD_BUS_CREDS_AUGMENT,
                                  &creds) < 0)
        return;
    if (sd_bus_creds_get_pid(creds, &pid) >= 0)
        by->pid = pid;
    if (sd_bus_creds_get_comm(creds, &text) >= 0)
        by->comm = vs_bus_text(text);
    if (sd_bus_creds_get_unit(creds, &text) >= 0)
        by->unit = vs_bus_text(text);
}

bool
vs_bus_requester_read(sd_bus_message *message, VsRequester *ret, GError **error)
{
    VsRequester by = {0};

    if (!read_uid(message, &by)) {
        g_set_error(error, VS_ERROR, VS_ERROR_ACCESS,
                    _("The bus doesn't know who asks; stay connected until the answer is there"));
        return false;
    }
    read_process(message, &by);
    *ret = by;
    return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/joined.h"

#include <unistd.h>

#include "core/ladder.h"
#include "ctl/own-command.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

/* As virtstopd makes it of what is asked for. */
static bool
is_of_ladder(const VsRequest *request, const VsStopObject *stop)
{
    g_autofree char *wanted = NULL;
    VsLadder ladder;

    if (!vs_ladder_parse(request->ladder, &ladder, NULL))
        return true; /* which was refused */
    if (request->budget > 0)
        vs_ladder_fit(&ladder, request->budget);
    wanted = vs_ladder_format(&ladder);
    return g_strcmp0(wanted, stop->ladder) == 0;
}

/* Of another host's virtstopd our own pid means nothing. What isn't for us to see isn't ours. */
static bool
is_of_somebody_else(VsCtl *ctl, const VsStopObject *stop)
{
    g_auto(VsStopObject) asked = {.id = g_strdup(stop->id)};
    g_autoptr(GError) error = NULL;
    uint32_t pid = stop->pid;

    if (ctl->client.host)
        return false;
    if (pid == 0 && !vs_stop_object_ask(&ctl->client, &asked, &error))
        return g_error_matches(error, VS_ERROR, VS_ERROR_ACCESS);
    pid = MAX(pid, asked.pid);
    return pid > 0 && pid != (uint32_t)getpid();
}

static bool
is_unused(VsCtl *ctl, const VsStopObject *stop)
{
    const VsRequest *request = &ctl->request;

    if (!stop->ladder || !*stop->ladder)
        return false;
    return request->ladder ? !is_of_ladder(request, stop)
                           : request->budget > 0 && is_of_somebody_else(ctl, stop);
}

void
vs_joined_complain(VsCtl *ctl, const char *name, const VsStopObject *stop)
{
    g_autofree char *ladder = vs_text_printable(stop->ladder), *own = vs_own_command(ctl);

    if (is_unused(ctl, stop))
        vs_complain(_("%s: a stop is in flight already, and goes on by its own ladder (%s): what "
                      "--ladder= or --budget= says is not used. “%s escalate” goes to its "
                      "next step now"),
                    name, ladder, own);
}

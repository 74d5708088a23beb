/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/joined.h"

#include <unistd.h>

#include "core/ladder.h"
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

/* Of another host's virtstopd our own pid means nothing. */
static bool
is_of_somebody_else(const VsCtl *ctl, const VsStopObject *stop)
{
    return !ctl->client.host && stop->pid > 0 && stop->pid != (uint32_t)getpid();
}

static bool
is_unused(const VsCtl *ctl, const VsStopObject *stop)
{
    const VsRequest *request = &ctl->request;

    if (!stop->ladder || !*stop->ladder)
        return false;
    return request->ladder ? !is_of_ladder(request, stop)
                           : request->budget > 0 && is_of_somebody_else(ctl, stop);
}

void
vs_joined_complain(const VsCtl *ctl, const char *name, const VsStopObject *stop)
{
    g_autofree char *ladder = vs_text_printable(stop->ladder);

    if (is_unused(ctl, stop))
        vs_complain(_("%s: a stop is in flight already, and goes on by its own ladder (%s): what "
                      "--ladder= or --budget= says is not used. “virtstopctl escalate” goes to its "
                      "next step now"),
                    name, ladder);
}

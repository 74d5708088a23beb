/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop.h"
#include "ctl/output.h"
#include "ctl/timeline.h"
#include "ctl/verbs.h"

VsExit
vs_verb_plot(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = vs_host_stop_get(ctl, &error);
    g_autoptr(VsTimeline) timeline = records ? vs_timeline_of_records(records) : NULL;
    g_autofree char *svg = timeline ? vs_timeline_svg(timeline) : NULL;

    if (!svg)
        return vs_output_fail(NULL, error);
    vs_output_text(svg);
    return VS_EXIT_OK;
}

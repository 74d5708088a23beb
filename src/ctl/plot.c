/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop.h"
#include "ctl/output.h"
#include "ctl/plan.h"
#include "ctl/timeline-svg.h"
#include "ctl/verbs.h"
#include "words/complain.h"

static VsTimeline *
read_timeline(VsCtl *ctl, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(json_object) plan = NULL;

    if (ctl->plan || ctl->request.budget > 0) {
        plan = vs_plan_get(ctl, false, error);
        return plan ? vs_timeline_of_plan(plan) : NULL;
    }
    records = vs_host_stop_get(ctl, error);
    return records ? vs_timeline_of_records(records) : NULL;
}

VsExit
vs_verb_plot(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsTimeline) timeline = read_timeline(ctl, &error);
    g_autofree char *svg = timeline ? vs_timeline_svg(timeline) : NULL;

    if (!svg)
        return vs_complain_of(NULL, error);
    vs_output_bytes(svg);
    return VS_EXIT_OK;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/policy.h"

#include <glib.h>

void
vs_policy_init(VsPolicy *policy)
{
    bool ok = vs_ladder_parse(VS_LADDER_DEFAULT, &policy->ladder, NULL);

    g_assert(ok);
    policy->resume_paused = true;
}

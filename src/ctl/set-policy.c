/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/policy-view.h"
#include "ctl/verbs.h"
#include "words/complain.h"

bool
vs_verb_set_policy_check(const VsCtl *ctl, int n_args, char **args, GError **error)
{
    for (int i = 1; i < n_args; i++)
        if (!vs_policy_check_assignment(args[i], error))
            return false;
    return true;
}

VsExit
vs_verb_set_policy(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;

    /* @args ends with NULL, as argv does. */
    if (vs_policy_set(&ctl->client, args[0], args + 1, false, &error))
        return VS_EXIT_OK;
    return vs_complain_of(args[0], error);
}

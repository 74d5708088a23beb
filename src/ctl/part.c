/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/part.h"

bool
vs_part_from_args(VsCtl *ctl, int n_args, char **args, GError **error)
{
    for (int i = 0; i < n_args; i++)
        if (!vs_request_add_part(&ctl->request, VS_PART_DOMAIN, NULL, args[i], error))
            return false;
    return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/beside.h"
#include "ctl/verbs.h"

/* The daemon's program reads the configuration, so it is the one that can say whether it is right.
 */

#define DAEMON "virtstopd"

VsExit
vs_verb_check_config(VsCtl *ctl, int n_args, char **args)
{
    const char *option = vs_scope_info(ctl->client.scope)->option;
    char *argv[6] = {(char *)DAEMON, (char *)"--check-config"}, **next = argv + 2;

    if (option)
        *next++ = (char *)option;
    *next++ = (char *)"--";
    if (n_args > 0)
        *next = args[0];

    vs_beside_become(SBINDIR "/" DAEMON, argv);
    return VS_EXIT_FAILED;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/beside.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "words/complain.h"

/* The daemon's program reads the configuration, so it is the one that can say whether it is right.
 */

#define DAEMON "virtstopd"

VsExit
vs_verb_check_config(VsCtl *ctl, int n_args, char **args)
{
    char *const argv[] = {(char *)DAEMON, (char *)"--check-config", (char *)"--",
                          n_args > 0 ? args[0] : NULL, NULL};

    if (ctl->client.host) {
        vs_complain(_("check-config reads this host's configuration: --host is not allowed with "
                      "it"));
        return VS_EXIT_USAGE;
    }
    vs_beside_become(SBINDIR "/" DAEMON, argv);
    return VS_EXIT_FAILED;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <unistd.h>

#include "ctl/output.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/text.h"

#define DAEMON "virtstopd"

/* The daemon's program reads the configuration, so it is the one that can say whether it is right.
 * The one beside ours is taken first: that of the build tree. */

static char *
find_neighbour(void)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = own ? g_path_get_dirname(own) : NULL;

    return dir ? g_build_filename(dir, DAEMON, NULL) : NULL;
}

VsExit
vs_verb_check_config(VsCtl *ctl, int n_args, char **args)
{
    static const char installed[] = SBINDIR "/" DAEMON;
    g_autofree char *neighbour = find_neighbour();
    char *argv[] = {(char *)DAEMON, (char *)"--check-config", (char *)"--",
                    n_args > 0 ? args[0] : NULL, NULL};

    if (ctl->host) {
        vs_output_complain(_("check-config reads this host's configuration: --host is not allowed "
                             "with it"));
        return VS_EXIT_USAGE;
    }
    if (neighbour)
        execv(neighbour, argv);
    execv(installed, argv);
    vs_output_complain(_("Can't run %s: %s"), installed, g_strerror(errno));
    return VS_EXIT_FAILED;
}

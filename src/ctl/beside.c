/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/beside.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

#include "util/i18n.h"
#include "words/complain.h"

static char *
find_neighbour(const char *name)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = own ? g_path_get_dirname(own) : NULL;

    return dir ? g_build_filename(dir, name, NULL) : NULL;
}

char *
vs_beside_find(const char *name, const char *installed)
{
    g_autofree char *neighbour = find_neighbour(name);

    return neighbour && access(neighbour, X_OK) == 0 ? g_steal_pointer(&neighbour)
                                                     : g_strdup(installed);
}

void
vs_beside_become(const char *installed, char *const *argv)
{
    g_autofree char *neighbour = find_neighbour(argv[0]);

    if (neighbour)
        execv(neighbour, argv);
    execv(installed, argv);
    vs_complain(_("Can't run %s: %s"), installed, g_strerror(errno));
}

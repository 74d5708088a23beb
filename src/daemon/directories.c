/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/directories.h"

#include <glib.h>

/* systemd joins several directories by colons; ours is the first. */
static char *
first_of(const char *variable, const char *fallback)
{
    const char *value = g_getenv(variable);

    if (!value || *value == '\0')
        return g_strdup(fallback);
    return g_strndup(value, strcspn(value, ":"));
}

char *
vs_directories_state(void)
{
    return first_of("STATE_DIRECTORY", LOCALSTATEDIR "/lib/virtstop");
}

char *
vs_directories_runtime(void)
{
    return first_of("RUNTIME_DIRECTORY", "/run/virtstop");
}

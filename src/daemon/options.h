/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/scope.h"

typedef struct VsDaemonOptions {
    VsScope scope;
    char **uris; /* --uri, each time it stands there; NULL: as configured */
    bool version;
    bool check_config;
    char *file; /* that is to be checked; NULL: the usual ones */
} VsDaemonOptions;

/* Parses the command line. --help prints and exits. */
bool vs_daemon_options_parse(int *argc, char ***argv, VsDaemonOptions *ret, GError **error);
void vs_daemon_options_clear(VsDaemonOptions *options);

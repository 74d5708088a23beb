/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct VsOptions {
    char **uris; /* --uri, each time it stands there; NULL: as configured */
    bool version;
    bool check_config;
    char *file; /* that is to be checked; NULL: the usual ones */
} VsOptions;

/* Parses the command line. --help prints and exits. */
bool vs_options_parse(int *argc, char ***argv, VsOptions *ret, GError **error);
void vs_options_clear(VsOptions *options);

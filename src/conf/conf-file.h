/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A configuration file's syntax, which is systemd's: sections, assignments, comments, continued
 * lines. What the keys mean is conf-keys.h's. */

/* More than any configuration has, and the bound on one line. */
#define VS_CONF_FILE_MAX (1024 * 1024)

typedef struct VsConfEntry {
    const char *path; /* printable */
    unsigned line;    /* where it begins */
    const char *section;
    const char *key; /* NULL: this is the section's header */
    const char *value;
} VsConfEntry;

/* Takes an entry, which is valid during the call only. */
typedef bool (*VsConfSink)(const VsConfEntry *entry, void *userdata, GError **error);

/* Hands every entry of the file at @path to @sink, until that fails. The errors of the syntax name
 * file, line and what is allowed. @must_exist: somebody names it, and it may be a pipe, too;
 * otherwise a file that is missing is an empty one. */
bool vs_conf_file_read(const char *path, bool must_exist, VsConfSink sink, void *userdata,
                       GError **error);

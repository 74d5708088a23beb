/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Replaces @path with @text in one step: a reader, or a crash, sees the old file or the new one,
 * never half of one. Mode 0600 but for the umask. Not synced: it survives the process, not a power
 * cut. One writer a path: PATH.tmp beside it is for the text on its way. */
bool vs_file_replace(const char *path, const char *text, GError **error);

/* Makes @path and its parents, where they are missing, with @mode. */
bool vs_file_make_directory(const char *path, int mode, GError **error);

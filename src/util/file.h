/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Small files of our own that are read and written whole. All that is kept beside the records goes
 * through here. */

/* Far more than is ever kept in one. */
#define VS_FILE_MAX ((size_t)16 * 1024 * 1024)

/* What is written is to outlive. */
typedef enum VsFileLife {
    VS_FILE_OUTLIVES_US,   /* the process: not synced */
    VS_FILE_OUTLIVES_BOOT, /* a power cut, too: synced before it takes the old one's place */
} VsFileLife;

/* Reads all of @path; *@ret_text is NULL where there is no such file, else the caller's. Whatever
 * stands there, it doesn't wait. False with VS_ERROR_INVALID where that is no file of ours: not
 * regular, a link, of another user than us, root or whoever has its directory, above VS_FILE_MAX
 * bytes, with a NUL in it; with VS_ERROR_IO where it can't be read. */
bool vs_file_read(const char *path, char **ret_text, GError **error);

/* Replaces @path with @text in one step: a reader, or a crash, sees the old file or the new one,
 * never half of one. Mode 0600 but for the umask. One writer a path: PATH.tmp beside it is for the
 * text on its way. */
bool vs_file_replace(const char *path, const char *text, VsFileLife life, GError **error);

/* Removes @path; where there is none, that is no error. */
bool vs_file_remove(const char *path, VsFileLife life, GError **error);

/* Gives what stands at @path another name, which nothing has yet: PATH.bad, PATH.bad.2, ... The
 * caller owns it; NULL with @error, and where there is nothing without one. */
char *vs_file_set_aside(const char *path, GError **error);

/* Makes @path and its parents, where they are missing, with @mode. */
bool vs_file_make_directory(const char *path, int mode, GError **error);

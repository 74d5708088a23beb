/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The programs in hooks.d: they run as we do, so nobody but root or us may be able to write one. */

/* A file that somebody may have meant to be one, or a directory, and why it isn't run. */
typedef struct VsHookFlaw {
    char *path;
    char *why;
} VsHookFlaw;

GArray *vs_hook_flaws_new(void); /* of VsHookFlaw, which it owns */

/* char *: the paths of those in @dirs (NULL-terminated), in the order of their names. A later
 * directory's hides one of the same name; a link to /dev/null, and what can't be run, is none.
 * Those that may not be run, and what is no program but looks like one, are added to @flaws. On any
 * thread. */
GPtrArray *vs_hook_files_list(const char *const *dirs, GArray *flaws);

/* Why the program at @path may not be run: somebody but root or us may write it, or a directory, or
 * owns a link, on the way there; NULL: it may. The caller owns it. */
char *vs_hook_files_why_not(const char *path);

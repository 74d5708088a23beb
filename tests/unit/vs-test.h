/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What every check program begins with: GLib's test framework, printing TAP whatever the arguments.
 */
void vs_test_init(int *argc, char ***argv);

/* Tells which @text of a table is tried, whatever bytes it has, and the beginning will do. */
void vs_test_note(const char *text);

/* A new, empty directory, removed with all that is in it when the program ends. Where a test
 * aborts, it stays to be looked at. The text stays the library's. */
const char *vs_test_dir(void);

/* Writes @text to @name in @dir. The caller owns the path. */
char *vs_test_write(const char *dir, const char *name, const char *text);

/* All of a file that must be there. The caller owns it. */
char *vs_test_read(const char *path);

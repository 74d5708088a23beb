/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Becomes the program of @argv, whose name is argv[0]: the one beside ours, which is the build
 * tree's, or else @installed. Comes back, and has said so, only where there is none. */
void vs_beside_become(const char *installed, char *const *argv);

/* Where the program @name is: beside this one, or where it is @installed. The caller owns it. */
char *vs_beside_find(const char *name, const char *installed);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reads the file at @path alone, or the usual ones where it is NULL: warnings and errors go to
 * standard error, what is in force to standard output. The exit status: a bad configuration is a
 * failure. */
int vs_check_config(const char *path);

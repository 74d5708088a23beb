/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "util/scope.h"

/* Reads the file at @path alone, or the usual ones of @scope where it is NULL: warnings and errors
 * go to standard error, what is in force to standard output. The exit status: a bad configuration
 * is a failure. */
int vs_check_config(VsScope scope, const char *path);

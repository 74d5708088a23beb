/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "util/scope.h"

/* Adds to @findings (of VsFinding) what is wrong with the programs in @scope's hooks.d now. @known
 * (char *): the paths of those that are run. On any thread. */
void vs_hook_check(VsScope scope, const GPtrArray *known, GPtrArray *findings);

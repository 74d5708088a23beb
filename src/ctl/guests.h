/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/verb-table.h"

/* Runs @verb for the guests that its arguments mean, by their names or by globs. What the verb
 * exits with; a glob that means nobody is complained of, and the others are done all the same. */
VsExit vs_guests_run(VsCtl *ctl, const VsVerb *verb, int n_args, char **args);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/finding.h"
#include "util/scope.h"

/* A line for root's shell (a user's own, with VS_SCOPE_USER) that mends @finding, or where only a
 * person can, shows where to begin; NULL: there is none. The caller owns it. */
char *vs_doctor_paste(VsScope scope, const VsFinding *finding);

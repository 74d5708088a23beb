/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/finding.h"
#include "rehearsal/plan.h"

/* What will go wrong with guests that run, before it does. Adds to @findings, of VsFinding, guest
 * by guest. */
void vs_check_guests(const VsPolicy *policy, const VsPlanGuest *guests, unsigned n_guests,
                     GPtrArray *findings);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rehearsal/simulation.h"
#include "util/json.h"

/* What a stop of all guests would do and take: the same engine on a simulated clock, with guests
 * that go down as they did before, as slowly as each ever did, and not at all. */

/* {"total_ms", "soonest_ms" (where what isn't known of them is done at once), "slowest_ms" (each as
 * slow as it ever was), "worst_ms" (none does what it is asked), "budget_ms" (null: no limit),
 * "needed_ms" (the least budget that is too short for none; null: this one is, or it isn't known),
 * "guests": [{"name", "uri", "priority", "stops" (that tell of it), "median_ms", "longest_ms"
 * (null: not known), "start_ms", "took_ms", "soonest_ms", "slowest_ms", "slowest_outcome",
 * "worst_ms" (when its stop is over then), "forced", "outcome", "cut_short" (the budget is too
 * short for it), "needs_ms" (... without it is off then; null: not known), "waits_for" (or null),
 * "steps":
 * [{"method", "start_ms", "took_ms", "result"}]}]}, by their start. A time that never comes is
 * null, as where a ladder has no end. @budget: µs, 0: as the policy says. @hooks: programs in
 * hooks.d are run, which take all their time ("hooks_ms", else null) where none obeys. The caller
 * owns it. */
json_object *vs_plan_make(const VsPolicy *policy, const VsPlanGuest *guests, unsigned n_guests,
                          int64_t budget, bool hooks);

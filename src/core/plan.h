/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/domain.h"
#include "core/policy.h"
#include "util/json.h"

/* What a stop of all guests would do and take: the same engine on a simulated clock, with guests
 * that go down as they did before. */

typedef struct VsPlanGuest {
    VsDomainInfo info;
    int64_t median; /* µs from the request to off, of its past stops; 0: none is known, then it is
                       taken to go down in the last moment that its ladder gives it */
} VsPlanGuest;

/* {"total_ms", "worst_ms", "budget_ms" (null: no limit), "guests": [{"name", "uri", "priority",
 * "start_ms", "took_ms", "worst_ms" (when it is off at the latest), "forced", "outcome",
 * "waits_for" (or null), "steps": [{"method", "start_ms", "took_ms", "result"}]}]}, by their start.
 * The worst case is that no guest does what it is asked. @budget: µs, 0: as the policy says. The
 * caller owns it. */
json_object *vs_plan_make(const VsPolicy *policy, const VsPlanGuest *guests, unsigned n_guests,
                          int64_t budget);

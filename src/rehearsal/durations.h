/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/domain.h"
#include "rehearsal/answer.h"
#include "util/json.h"

/* What the stop records tell of how guests answered what was done to them. */

typedef struct VsDuration VsDuration;

VsDuration *vs_durations_new(void);
void vs_durations_free(VsDuration *past);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsDuration, vs_durations_free)

/* Takes note of @record; they come oldest first. Of a step of this daemon's it tells how long after
 * it the guest was off, or how long it ran on; of somebody else's press, the former. A guest that
 * went off in another way while it was asked tells nothing of what was asked last. */
void vs_durations_take(VsDuration *past, json_object *record);

/* What is known of @domain; its median and longest are of the methods in @ladder alone. */
void vs_durations_tell(const VsDuration *past, const VsDomainId *domain, const VsLadder *ladder,
                       VsPast *ret);

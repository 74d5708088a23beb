/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/domain.h"
#include "core/ladder.h"
#include "util/json.h"

/* How long guests took to do what they were asked, out of their stop records. */

typedef struct VsDuration VsDuration;

VsDuration *vs_durations_new(void);
void vs_durations_free(VsDuration *past);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsDuration, vs_durations_free)

/* Takes note of @record where it tells that: the guest came down after its agent was asked or its
 * power button was pressed, by whomever, or was saved by this daemon. How long one was waited for
 * in vain says nothing of it, nor does the end of one that nobody had asked yet. */
void vs_durations_take(VsDuration *past, json_object *record);

/* The median and the longest of what @domain took, µs, its saves left out where @ladder doesn't
 * save, and all else where it does nothing but that. False: that never happened. */
bool vs_durations_tell(const VsDuration *past, const VsDomainId *domain, const VsLadder *ladder,
                       int64_t *ret_median, int64_t *ret_longest);

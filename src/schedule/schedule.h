/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "schedule/build.h"

/* In which order the guests of a host go down, and how long each may take: a pure plan over names,
 * driven by whoever stops them.
 *
 * The rules. A guest that has to be off before another (Before=, After=) inherits that one's
 * priority where it is higher. Of a higher priority, all are off (or given up) before one of a
 * lower is asked. Within a priority, a guest is asked when all that have to be off before it are
 * (only what is said counts: a before b before c says nothing of a and c); of several, the one with
 * the longest way behind it within its priority first, then by name. No more than max_parallel are
 * asked at once. Guests whose order goes round in a circle go down side by side, as if nothing were
 * said of their order among themselves; what is said of them and others holds. A section's own
 * guests are not ordered among themselves by its Before= and After=. */

/* @guests are numbered from 0 in their order; copied. Names may occur twice (two URIs). */
VsSchedule *vs_schedule_new(const VsPolicy *policy, const VsScheduleGuest *guests,
                            unsigned n_guests);
void vs_schedule_free(VsSchedule *schedule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsSchedule, vs_schedule_free)

/* The circles that were found, each a text such as "a before b before a" (char *); empty: none. */
const GPtrArray *vs_schedule_cycles(const VsSchedule *schedule);

/* The priority of guest @i, with what it inherited. */
int vs_schedule_priority(const VsSchedule *schedule, unsigned i);

/* The next guest that may be asked now, which counts as asked from then on; -1: none, for now. */
int vs_schedule_next(VsSchedule *schedule);

/* Guest @i is being asked already (a stop of its own, or taken over from before a restart). */
void vs_schedule_take(VsSchedule *schedule, unsigned i);

/* Guest @i is off, or given up: no other waits for it any longer. Twice is as once. */
void vs_schedule_done(VsSchedule *schedule, unsigned i);

bool vs_schedule_is_asked(const VsSchedule *schedule, unsigned i);
bool vs_schedule_is_done(const VsSchedule *schedule, unsigned i);
unsigned vs_schedule_n_left(const VsSchedule *schedule); /* not done */

/* A guest that @i waits for (not done, and of those the first by name); -1 where it waits for none,
 * or only for room (max_parallel). */
int vs_schedule_waits_for(const VsSchedule *schedule, unsigned i);

/* What guest @i may take, its destroy included, of @left µs in which all have to be off: all that
 * its ladder takes where the longest path through it fits, else its share, the asking parts
 * shortened in proportion, the reserves kept; but for asking there is always a quarter, so that a
 * little more time takes nobody's away who asks longer in favour of one who has no reserve. The
 * last answer for a guest that is being asked is remembered until it is done: with max_parallel,
 * the others reckon with what is left of it. So ask when it begins, and again only where its time
 * really changes.
 *
 * As long as each is asked as soon as vs_schedule_next() gives it, none by vs_schedule_take() in
 * between, and each takes no more than this, all are off when nothing is left; none is allowed less
 * than all where there was vs_schedule_longest() at the beginning. */
int64_t vs_schedule_allow(const VsSchedule *schedule, unsigned i, int64_t left);

/* What all of it takes at most, when every guest takes all its time, from the beginning: the
 * longest path of each priority, or, with max_parallel = k for more than k guests of a priority,
 * (work + (k - 1) longest path) / k, which no order of asking exceeds. µs, VS_USEC_INFINITY where a
 * ladder has no end. */
int64_t vs_schedule_longest(const VsSchedule *schedule);

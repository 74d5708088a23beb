/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The machine of one guest's stop, its way down the ladder. It looks at where the stop stands and
 * at the facts, and does what is due; it is called whenever something happened, and does nothing
 * twice. */

void vs_descent_move(VsEngine *engine, VsGuest *guest);

/* Monotonic µs: when it has to be looked at, if nothing happens before. */
int64_t vs_descent_next_timer(const VsEngine *engine, const VsGuest *guest);

/* For the host stop, whose turns and times stand above it. Its turn has come; there is no time for
 * more than the ladder's last step; its share of the time for all became less, or more by @span
 * µs. */
void vs_descent_release(VsEngine *engine, VsGuest *guest);
void vs_descent_to_last_step(VsEngine *engine, VsGuest *guest);
void vs_descent_shorten(VsEngine *engine, VsGuest *guest);
void vs_descent_lengthen(VsEngine *engine, VsGuest *guest, int64_t span);

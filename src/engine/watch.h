/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What a guest does that was asked to go down: whether it halted without powering off, and whether
 * it still writes hard when its time is all but over. libvirt is asked for its CPU time and its
 * disks' figures, now and then, and only where that can decide something. */

/* When those are to be asked for next (monotonic µs); VS_USEC_INFINITY: never. */
int64_t vs_watch_next(const VsEngine *engine, const VsGuest *guest);

void vs_watch_ask(VsEngine *engine, VsGuest *guest);
void vs_watch_take(VsEngine *engine, const VsEvent *event);

/* Whether it halted: it took a request, its agent's port closed, and since then neither its CPU nor
 * its disks did anything. */
bool vs_watch_is_halted(const VsGuest *guest);

/* µs that a guest whose step is over gets more, for it still writes; 0: none. */
int64_t vs_watch_grace(const VsEngine *engine, const VsGuest *guest);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The system of a guest that is being stopped is down, and its process, or libvirt, takes long over
 * the rest. */

/* Monotonic µs: when that is taken to be so of a guest that goes off: after its time for that, in
 * which libvirt ends what hangs, or when no more than a destroy's time is left of a budget. */
int64_t vs_cleaning_begins_at(const VsEngine *engine, const VsGuest *guest);

/* Says so, and looks whether it is still there, where that isn't known. */
void vs_cleaning_begin(VsEngine *engine, VsGuest *guest);

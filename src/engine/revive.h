/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Restart=: a guest that ended without being asked is started again. */

void vs_revive_move(VsEngine *engine, VsGuest *guest);
int64_t vs_revive_next_timer(const VsEngine *engine, const VsGuest *guest); /* monotonic µs */

/* Whether a daemon that comes after this one has to know of it, though the guest is off. */
bool vs_revive_is_kept(const VsEngine *engine, const VsGuest *guest);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The machine that starts again what ran before all guests were stopped: one after the other, in
 * the reverse order of going down. */

/* Somebody asks for it; false with @error where it can't begin now. @named: the id of a host stop,
 * or its beginning, of which alone it is; NULL: of all of them. */
bool vs_restore_begin(VsEngine *engine, const char *named, GError **error);

void vs_restore_move(VsEngine *engine);
int64_t vs_restore_next_timer(const VsEngine *engine); /* monotonic µs */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A call's intent is on disk before the call is made: what is kept of its guest for a restart, and
 * of the host stop that it is part of. That is waited for, but not for long: a guest is stopped
 * whatever the disk says. */

/* The stop's new call waits for what this step has kept. */
void vs_intent_begin(const VsEngine *engine, VsGuest *guest);

/* Monotonic µs: when the stop's call that waits is made. */
int64_t vs_intent_ends(const VsEngine *engine, const VsGuest *guest);

/* It is made now: where its intent isn't on disk that is noted, in the record, too. */
void vs_intent_end(VsEngine *engine, VsGuest *guest);

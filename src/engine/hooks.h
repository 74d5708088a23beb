/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* An administrator's own programs: when they are run, and how long a stop waits for them. Only the
 * first step waits, and no longer than their time-out, also where no answer comes. */

/* Before the first step of @stop, once. */
bool vs_hooks_are_wanted(const VsEngine *engine, const VsStop *stop);

/* PREPARING begins; they are run when that is kept, so that a daemon after us runs none again. */
void vs_hooks_begin(VsEngine *engine, VsGuest *guest);
void vs_hooks_run(VsEngine *engine, VsGuest *guest);

/* ... is over: all have ended, or their time is. The stop waits for libvirt again. */
void vs_hooks_end(VsEngine *engine, VsGuest *guest);

/* Monotonic µs: when what PREPARING waits for is due. */
int64_t vs_hooks_due_at(const VsEngine *engine, const VsGuest *guest);

/* A daemon before us ended in PREPARING: nobody knows what they came to. */
void vs_hooks_lost(VsEngine *engine, VsGuest *guest);

/* A step is taken, for at most @span; the guest's record was made, and its stop goes on to end.
 * Nobody waits for those. */
void vs_hooks_step(VsEngine *engine, VsGuest *guest, int64_t span);
void vs_hooks_ended(VsEngine *engine, VsGuest *guest);

void vs_hooks_take(VsEngine *engine, const VsEvent *event);

/* The record of a run of a boot before this one was made. */
void vs_hooks_past(VsEngine *engine, const VsDomainId *domain, VsUuid id);

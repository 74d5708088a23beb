/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Where a stop leaves its way down the ladder: a step is broken off for what keeps the guest from
 * hearing it, and goes on when that is over; one that was passed over is taken when it can work. */

/* The step is broken off, and what its policy says is done about it. */
void vs_detour_interrupt(VsEngine *engine, VsGuest *guest);

/* Nothing keeps the guest any more: the step goes on, and has its time anew. */
void vs_detour_go_on(VsEngine *engine, VsGuest *guest);

/* The guest was let run, or woken, or its time for that is over; or libvirt refused that. */
void vs_detour_resumed(VsEngine *engine, VsGuest *guest);
void vs_detour_not_resumed(VsEngine *engine, VsGuest *guest, const char *message);

/* Asks which job keeps the step's call from being done; and the answer. */
void vs_detour_ask_job(VsEngine *engine, VsGuest *guest);
void vs_detour_job(VsEngine *engine, const VsEvent *event);

/* The step's time is over, but the guest still writes: it gets more, as far as its policy goes. */
bool vs_detour_grant_grace(VsEngine *engine, VsGuest *guest);

/* What the facts mean for it. */
void vs_detour_follow(VsEngine *engine, VsGuest *guest);

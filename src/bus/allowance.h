/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/callers.h"
#include "bus/service.h"

/* How much of the main thread, and of what the bus carries for us, users have who aren't trusted.
 */

/* The main thread did something for @user from @since (CLOCK_MONOTONIC µs) on, and sent @size
 * bytes. */
void vs_bus_allowance_charge(VsBus *bus, VsBusUser *user, int64_t since, size_t size);

/* When something may be done for @user again, CLOCK_MONOTONIC µs; in the past: now. */
int64_t vs_bus_allowance_turn(const VsBus *bus, const VsBusUser *user);

/* @user was refused something: it has to be quiet for a while, before anything else is done for it.
 */
void vs_bus_allowance_hush(VsBusUser *user);

/* Whether it has, or has many calls waiting: it gets no long answers. */
bool vs_bus_allowance_is_loud(const VsBusUser *user);

/* Whether the bus has read what we answered. What is answered next waits behind what it hasn't: so
 * nothing long is begun for them until then. Nothing tells when that is; it is looked at again
 * after a pause (µs). */
bool vs_bus_allowance_is_drained(const VsBus *bus);
#define VS_BUS_ALLOWANCE_PAUSE 10000

/* Whether a refusal may be written, too. */
bool vs_bus_allowance_has_room(const VsBus *bus);

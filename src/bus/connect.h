/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The connection and the name: opened, lost, tried again with back-off. */

/* Opens a connection, publishes everything and asks for the name; all that waits goes on in the
 * main loop. Where it fails, bus->trouble says why, and a retry is due. */
void vs_bus_connect(VsBus *bus);

/* Goes on with that until the name is ours, it has failed, or @deadline (CLOCK_MONOTONIC µs) has
 * passed. */
void vs_bus_await_name(VsBus *bus, int64_t deadline);

/* Lets go of the connection and of a retry that is due. */
void vs_bus_disconnect(VsBus *bus);

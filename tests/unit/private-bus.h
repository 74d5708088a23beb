/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* A dbus-daemon of the test's own, with the rules of a system bus and our policy on top. */

typedef struct VsPrivateBus VsPrivateBus;

/* Starts it and points DBUS_SYSTEM_BUS_ADDRESS at it. NULL where there is no dbus-daemon. */
VsPrivateBus *vs_private_bus_new(void);
void vs_private_bus_free(VsPrivateBus *bus);

/* SIGKILL, and a new one at the same address. */
void vs_private_bus_kill(VsPrivateBus *bus);
void vs_private_bus_start(VsPrivateBus *bus);

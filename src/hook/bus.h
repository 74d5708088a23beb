/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "hook/child.h"
#include "hook/setup.h"

/* A system bus of the hook's own. */

typedef struct VsHookBus {
    VsHookChild child;
    int64_t since; /* monotonic µs: it can't be reached since then; 0: it can */
    int64_t next;  /* ... : looked after again */
} VsHookBus;

/* To be called again and again while the bus can't be reached, and once when it can. */
void vs_hook_bus_tend(VsHookBus *bus, const VsClient *client, const VsHookSetup *setup);
void vs_hook_bus_reached(VsHookBus *bus);

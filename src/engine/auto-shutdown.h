/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* libvirt 11.2 and later can stop guests itself when the host goes down, and presses power buttons
 * for that. QEMU doesn't tell who pressed: as the host goes down, where that libvirt does so, and
 * we didn't press, it is likely that one. */

/* Somebody else than us pressed: who. What is found out is added to the evidence. */
VsAsker vs_auto_shutdown_who(VsEngine *engine, VsGuest *guest);

/* The host goes down now. libvirt may have heard of that before us. */
void vs_auto_shutdown_begins(VsEngine *engine);

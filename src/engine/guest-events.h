/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What libvirt says of a guest becomes evidence and facts of its run. */

void vs_guest_events_lifecycle(VsEngine *engine, const VsEvent *event);
void vs_guest_events_reboot(VsEngine *engine, const VsEvent *event);
void vs_guest_events_watchdog(VsEngine *engine, const VsEvent *event);
void vs_guest_events_agent(VsEngine *engine, const VsEvent *event);

/* A recorded trace tells of a request that this daemon had made. */
void vs_guest_events_requested(VsEngine *engine, const VsEvent *event);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/exit.h"
#include "client/request.h"
#include "hook/setup.h"

/* What virtstop-guests.service does at its stop: where the host really goes down, it has all guests
 * stopped, tells systemd how it goes on and that it needs more time, and stands in for what is dead
 * or hangs, virtstopd and libvirt's daemons. Nothing but the end of all stops, or of all hope, ends
 * it. */
VsExit vs_hook_run(const VsRequest *request, const VsHookSetup *setup);

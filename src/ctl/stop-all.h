/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/stop-view.h"
#include "ctl/stop-wait.h"

/* Asks for the stop of all guests with @ctl's options, and has @wait wait for each one's stop, and
 * for those who join them. Where they are being stopped already this joins in. @ret_away (may be
 * NULL) is set to the libvirt URIs that aren't connected, the caller's; NULL: not told. */
bool vs_stop_all_ask(VsCtl *ctl, VsStopWait *wait, GPtrArray **ret_away, GError **error);

/* All of them being over with @status: says which libvirt isn't connected. What the verb exits
 * with: where nothing was stopped, guests may still run there. */
VsExit vs_stop_all_tell_away(VsCtl *ctl, const VsStopWait *wait, VsExit status);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/stop-wait.h"

/* Asks for the stop of all guests with @request, and has @wait wait for each one's stop, and for
 * those who join them. Where they are being stopped already this joins in. @ret_away (may be NULL)
 * is set to the libvirt URIs that aren't connected, the caller's; NULL: not told. */
bool vs_stop_all_ask(VsClient *client, const VsRequest *request, VsStopWait *wait,
                     GPtrArray **ret_away, GError **error);

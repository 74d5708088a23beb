/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "hook/setup.h"

/* What systemd and its friends know. */

typedef enum VsHostState {
    VS_HOST_STAYS,
    VS_HOST_GOES_DOWN,
    VS_HOST_NOT_KNOWN,
} VsHostState;

VsHostState vs_hook_ask_host(VsClient *client, const VsHookSetup *setup);

/* "poweroff" and the like, by the job in systemd's queue; NULL: it doesn't say. */
const char *vs_hook_ask_kind(const VsClient *client, const VsHookSetup *setup);

/* By its own socket, for the system bus may be on its way out; the caller closes it. NULL: it isn't
 * there, or doesn't answer. */
sd_bus *vs_hook_open_systemd(const VsClient *client, const VsHookSetup *setup);

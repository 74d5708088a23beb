/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/threads.h"
#include "virt/virt.h"

/* One URI: the connection for its events, and the workers for the calls while that is there. All on
 * the main thread. */

typedef struct VsConnection VsConnection;

VsConnection *vs_host_new(VsThreads *threads, const char *uri, VsVirtSink sink, void *userdata);
void vs_host_free(VsConnection *host);

const char *vs_host_uri(const VsConnection *host);
void vs_host_start(VsConnection *host);
void vs_host_carry_out(VsConnection *host, const VsAction *action, VsAgentCall agent_call);

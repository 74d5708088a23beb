/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/action.h"
#include "virt/agent-call.h"
#include "virt/job.h"
#include "virt/sink.h"
#include "work/threads.h"

/* All that we have of one libvirt URI: the link for its events, and the pools of connections for
 * the calls while that is there. All on the main thread. */

typedef struct VsVirtUri VsVirtUri;

VsVirtUri *vs_virt_uri_new(VsThreads *threads, const char *text, VsVirtSink sink, void *userdata);
void vs_virt_uri_free(VsVirtUri *uri);

const char *vs_virt_uri_text(const VsVirtUri *uri);
void vs_virt_uri_start(VsVirtUri *uri);

/* A job of metadata.h, answered in any case. @first: it waits for none that isn't given so. */
void vs_virt_uri_ask_labels(VsVirtUri *uri, bool first, VsJob *job);
void vs_virt_uri_carry_out(VsVirtUri *uri, const VsAction *action, VsAgentCall agent_call);

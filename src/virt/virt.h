/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "engine/action.h"
#include "virt/agent-call.h"
#include "virt/sink.h"

/* libvirt: connections that come back, events in, calls out on worker threads. Nothing here blocks
 * the main thread, and nothing here decides anything. */

typedef struct VsVirt VsVirt;

/* Registers libvirt's event implementation: once, first of all, before any connection is opened. */
void vs_virt_init(void);

/* @uris: NULL-terminated; the same twice counts once. @sink may call vs_virt_carry_out(), but not
 * vs_virt_free(). */
VsVirt *vs_virt_new(const char *const *uris, VsAgentCall agent_call, VsVirtSink sink,
                    void *userdata);

/* Starts connecting, and goes on for ever: back-off from 0.2 s to 10 s while libvirt is away.
 * VS_EVENT_CONNECTION tells of each opening and closing; while libvirt is away it also tells why
 * opening fails, once a reason. What happens after the registration of the events and before the
 * news of the opening is told right after it. */
void vs_virt_start(VsVirt *virt);

/* From the next call on. */
void vs_virt_set_agent_call(VsVirt *virt, VsAgentCall agent_call);

/* Carries out VS_ACTION_LIST, LOOK_UP, DESCRIBE, CALL, WATCH or READ_LOG. The answer comes as an
 * event, never from within this call, exactly once, also where there is no connection. Only a LIST
 * or LOOK_UP that fails is not answered: the connection is then closed, and VS_EVENT_CONNECTION
 * tells when to LIST again; and a DESCRIBE where there is no connection; and a WATCH of a process
 * that can't be watched. */
void vs_virt_carry_out(VsVirt *virt, const VsAction *action);

/* What came of reading, or of writing, what a domain's XML says of its policy: that, or why not. */
typedef void (*VsVirtLabelled)(const VsDomainId *domain, const VsLabels *labels,
                               const GError *error, void *to);

/* Read it now; write "KEY=VALUE"s into it as vs_metadata_merge() has it, and read it then. The
 * answer comes once, never from within this call. @first: it waits for no question that isn't
 * asked so, as what is written doesn't. What is written to a domain is so in the order of the
 * calls, each when the one before is answered. */
void vs_virt_read_labels(VsVirt *virt, const VsDomainId *domain, bool first, VsVirtLabelled answer,
                         void *to);
void vs_virt_write_labels(VsVirt *virt, const VsDomainId *domain, char *const *changes,
                          bool replace, VsVirtLabelled answer, void *to);

/* Lets go of libvirt within a second: calls that are still blocked are left to the process's end,
 * and nothing is answered any more. */
void vs_virt_free(VsVirt *virt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsVirt, vs_virt_free)

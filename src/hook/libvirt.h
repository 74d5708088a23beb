/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "hook/setup.h"

/* Libvirt daemons of the hook's own. */

typedef struct VsHookLibvirt VsHookLibvirt;

VsHookLibvirt *vs_hook_libvirt_new(const VsClient *client, const VsHookSetup *setup);

/* To be called every second: @away are the URIs where libvirt isn't connected (NULL: not known). */
void vs_hook_libvirt_tend(VsHookLibvirt *libvirt, const GPtrArray *away);

/* Ends those that were run, too. */
void vs_hook_libvirt_free(VsHookLibvirt *libvirt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsHookLibvirt, vs_hook_libvirt_free)

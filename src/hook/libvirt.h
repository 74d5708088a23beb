/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "hook/setup.h"

/* Libvirt daemons of the hook's own. */

typedef struct VsHookLibvirt VsHookLibvirt;

VsHookLibvirt *vs_hook_libvirt_new(const VsClient *client, const VsHookSetup *setup);

/* To be called every second: the URIs where libvirt isn't connected, and those where it is (NULL:
 * not known). */
void vs_hook_libvirt_tend(VsHookLibvirt *libvirt, const GPtrArray *away, const GPtrArray *open);

/* Whether a daemon of libvirt runs, as far as systemd knows, but hasn't let virtstopd in for long,
 * whatever others of them do. */
bool vs_hook_libvirt_is_barred(const VsHookLibvirt *libvirt);

/* Ends those that were run, too. */
void vs_hook_libvirt_free(VsHookLibvirt *libvirt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsHookLibvirt, vs_hook_libvirt_free)

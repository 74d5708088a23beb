/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "core/domain.h"

/* Which guests are resources of a Pacemaker cluster. That isn't asked of the cluster, which may
 * hang: its resource agent VirtualDomain keeps a file for each domain that it has looked after
 * since the host booted, VirtualDomain-NAME-emu.state. Reading these waits for nobody: they lie in
 * /run. */

/* Whether @domain is one: of this host's own libvirt. */
bool vs_cluster_has(const VsDomainId *domain);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"

/* The jobs that ask about domains. What fails for another reason than a broken connection is tried
 * again some times. */

/* Lists every domain. */
void vs_list_run(const VsJob *job, virConnectPtr connection, VsResult *result);

/* Looks at one domain; one that isn't there any more is VS_STATE_GONE. */
void vs_list_look_up(const VsJob *job, virConnectPtr connection, VsResult *result);

/* Looks at those that have the domain's name as their name, UUID or id; there may be none. Fails
 * only where the connection broke, be it the one behind virtproxyd: whatever else libvirt says to
 * such a name, nothing is found. */
void vs_list_find(const VsJob *job, virConnectPtr connection, VsResult *result);

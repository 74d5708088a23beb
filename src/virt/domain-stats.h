/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"

/* What libvirt told of a domain's CPUs and disks, all added up. False: it told nothing of the CPUs,
 * or nothing of disks that there are: whoever is in QEMU's monitor isn't waited for, and then it
 * only says their names. */
bool vs_domain_stats_read(const virTypedParameter *params, int n_params, VsStats *ret);

/* What the domain's CPUs and disks have done, to result->stats. Whoever else is about the domain is
 * not waited for: then it fails. */
void vs_domain_stats_run(const VsJob *job, virConnectPtr connection, VsResult *result);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"

/* What the domain's CPUs and disks have done, to result->stats. Whoever else is about the domain is
 * not waited for: then it fails. */
void vs_domain_stats_run(const VsJob *job, virConnectPtr connection, VsResult *result);

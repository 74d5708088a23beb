/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"

/* Which of libvirt's own jobs (a migration, a dump) holds the domain, to result->operation. What
 * only hangs is none: a QEMU that doesn't answer is not waited for. */
void vs_domain_job_run(const VsJob *job, virConnectPtr connection, VsResult *result);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"

/* The jobs that do something to a domain. */

/* Does the job's method to its domain. */
void vs_call_run(const VsJob *job, virConnectPtr connection, VsResult *result);

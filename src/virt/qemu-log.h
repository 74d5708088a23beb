/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "virt/job.h"

/* QEMU's log of a domain, which libvirt keeps. */

/* The lines of QEMU's log that tell how runs began and ended, and of whose they are the UUID and
 * the id: the newest ones, oldest first, from the end of @path and, where that is all of it, from
 * the end of @path.0. Valid UTF-8. NULL where @path can't be read. The caller owns the result. */
char **vs_qemu_log_tail(const char *path, GError **error);

/* The same for the job's domain; ... where anything was written since the job's time (realtime µs).
 */
void vs_qemu_log_run(const VsJob *job, virConnectPtr connection, VsResult *result);
void vs_qemu_log_run_past(const VsJob *job, virConnectPtr connection, VsResult *result);

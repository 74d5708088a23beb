/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "core/kernel-log.h"

/* Reads what the kernel has logged of the process @pid, which was started at @started (monotonic
 * µs), from the file at @path ("/dev/kmsg"). true: what is there reaches back far enough to hold
 * all that was said of its end, which is just over. false, too, where we may not read it. */
bool vs_kmsg_read(const char *path, int pid, int64_t started, VsKernelLog *ret);

/* Whether the pids that we know are those that the kernel's log has: not in a container. */
bool vs_kmsg_has_our_pids(void);

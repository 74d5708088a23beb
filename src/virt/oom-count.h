/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/process-end.h"

/* How many processes of a process's cgroup the kernel has killed for want of memory: as it was at a
 * time, to be compared later. */

typedef struct VsOomCount VsOomCount;

/* @proc, @cgroup: "/proc", "/sys/fs/cgroup". Never NULL; one that could not be read says nothing.
 */
VsOomCount *vs_oom_count_new(const char *proc, const char *cgroup, int pid);
void vs_oom_count_free(VsOomCount *count);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsOomCount, vs_oom_count_free)

/* Whether there is one more by now: VS_OOM_NO, COUNTED or UNKNOWN. Reads files of cgroupfs, which
 * doesn't block. */
VsOom vs_oom_count_look(const VsOomCount *count);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/end.h"
#include "core/verdict.h"

/* What the end of the hypervisor process itself says of the cause, where libvirt doesn't know it
 * any better: true, and *ret (which is all zeros) is filled in; false: nothing. */
bool vs_process_judge(VsEnd end, const VsRun *run, const VsQemuLog *log, VsVerdict *ret);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/kernel-log.h"

/* Reads what the journal has of the process @pid, which ended at @ended (realtime µs): the kernel's
 * own lines, its audit's, and systemd-coredump's entry. The journal may be late, so what isn't
 * there yet is waited for, up to @timeout (µs). true: @ret has a word of it. Blocks. */
bool vs_kernel_journal_read(int pid, int64_t ended, int64_t timeout, VsKernelLog *ret);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* What the kernel's own log says of the end of one process. */
typedef struct VsKernelLog {
    bool oom;   /* it was killed for want of memory */
    int signal; /* it died of that, and could have left a core; 0: not said */
    char *line; /* that says so; or NULL */
} VsKernelLog;

/* Reads @line, a message of the kernel's without what stands before it. */
void vs_kernel_log_read(VsKernelLog *log, const char *line, int pid);
void vs_kernel_log_clear(VsKernelLog *log);

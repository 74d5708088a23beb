/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* What the kernel tells of a process by a file descriptor, by numbers: the headers that we build
 * with are older than the kernels that we run on. */

/* The calls themselves: the kernel's, or those that a test plays an older one with. Each returns a
 * negative number, with errno, where it fails. */
typedef struct VsPidfdCalls {
    int (*open)(int pid);
    int (*get_info)(int fd, void *info);
} VsPidfdCalls;

extern VsPidfdCalls vs_pidfd_calls;

/* Negative, with errno: ESRCH where there is no such process, ENOSYS before Linux 5.3. */
int vs_pidfd_open(int pid);

/* Whether the kernel can be asked about that process, which isn't reaped yet: Linux 6.13 and
 * later. */
bool vs_pidfd_has_info(int fd);

/* How the process ended, as wait() has it, once it is reaped, whoever did that: Linux 6.15 and
 * later. false: the kernel doesn't say. */
bool vs_pidfd_exit_status(int fd, int *ret_status);

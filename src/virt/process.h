/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"

/* The hypervisor process of a domain, held in a way that no other process of the same pid is taken
 * for it. */

typedef struct VsProcess VsProcess;

/* The process that @pid_file names, if it is @domain's QEMU by its command line; else NULL. */
VsProcess *vs_process_find(const char *pid_file, const VsDomainId *domain);
void vs_process_free(VsProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsProcess, vs_process_free)

int vs_process_pid(const VsProcess *process);
int vs_process_fd(const VsProcess *process); /* a pidfd, which stays its own; -1: none */

/* Monotonic µs, exact to a tick of the kernel's (10 ms). */
int64_t vs_process_started(const VsProcess *process);

/* Sends it SIGTERM; negative, with errno, where that can't be done. */
int vs_process_terminate(VsProcess *process);

/* Waits at most @timeout µs for its end; true: it is gone. Blocks. */
bool vs_process_wait(VsProcess *process, int64_t timeout);

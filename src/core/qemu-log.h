/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"

/* What the hypervisor's log says of the end of one run. */
typedef struct VsQemuLog {
    bool is;     /* there is a log of this run that could be read */
    bool headed; /* its lines begin with a start: else what was before was rotated away, or cut */

    /* "terminating on signal 15 from pid 4614 (bash)": the first that isn't libvirt's own */
    bool outside;
    int signal;
    int pid;
    char *comm; /* or NULL */

    /* "terminating on signal 15 from pid N (libvirtd)": every normal power-off has that */
    bool libvirt;
    bool libvirt_last;  /* ... and it came behind the reason, as with a panic or a save */
    int64_t libvirt_at; /* realtime µs of the first of them; 0: none */

    char *reason;      /* "shutting down, reason=crashed"; or NULL */
    int64_t reason_at; /* realtime µs: when that was written; 0: it wasn't */
    GPtrArray *lines;  /* of char *: those that say all this, as they are */
} VsQemuLog;

/* Reads @lines (NULL-terminated, or NULL), the tail of a log that may hold more runs than one, of
 * other domains of that name, too. It picks the run of @domain that was alive at @alive_at
 * (realtime µs; 0: the last one) by the command line that it begins with, which has the domain's
 * UUID and id, and by times. Of a log that isn't this run's nothing is read, as if there were none.
 */
void vs_qemu_log_read(VsQemuLog *ret, char *const *lines, const VsDomainId *domain,
                      int64_t alive_at);
/* A run that the log tells of from its start to its end. */
typedef struct VsLoggedRun {
    int64_t begun, ended; /* realtime µs */
    int id;               /* the domain's then; -1: it doesn't say */
    const char *start;    /* the line; belongs to the log */
} VsLoggedRun;

/* The first run of @domain, by its UUID, that began after @since (realtime µs) and is over. A start
 * that failed is none. False: there is none. */
bool vs_qemu_log_find_run(char *const *lines, const VsDomainId *domain, int64_t since,
                          VsLoggedRun *ret);

void vs_qemu_log_clear(VsQemuLog *log);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/kernel-journal.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "core/event.h"
#include "core/process-end.h"
#include "util/span.h"

/* systemd-coredump's message. */
#define COREDUMP "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1"

/* Clocks that are set, and a dump that takes its time. */
#define BEFORE (60 * VS_USEC_PER_SEC)

/* Entries that are looked at: a kernel may say much. */
#define MAX_ENTRIES 10000

static bool
add_matches(sd_journal *journal, int pid)
{
    g_autofree char *dumped = g_strdup_printf("COREDUMP_PID=%d", pid);

    return sd_journal_add_match(journal, "_TRANSPORT=kernel", 0) >= 0 &&
           sd_journal_add_match(journal, "_TRANSPORT=audit", 0) >= 0 &&
           sd_journal_add_disjunction(journal) >= 0 &&
           sd_journal_add_match(journal, COREDUMP, 0) >= 0 &&
           sd_journal_add_match(journal, dumped, 0) >= 0;
}

/* NULL: the entry has no such field. The caller owns the result. */
static char *
get_field(sd_journal *journal, const char *name)
{
    const void *data;
    size_t length, skip = strlen(name) + 1;

    if (sd_journal_get_data(journal, name, &data, &length) < 0 || length < skip)
        return NULL;
    length = MIN(length - skip, VS_EVENT_MAX_TEXT);
    return g_strndup((const char *)data + skip, length);
}

static void
read_entry(sd_journal *journal, int pid, VsKernelLog *ret)
{
    g_autofree char *message = get_field(journal, "MESSAGE");
    g_autofree char *signal = get_field(journal, "COREDUMP_SIGNAL");
    int number = signal ? atoi(signal) : 0;

    if (message && !signal)
        vs_kernel_log_read(ret, message, pid);
    else if (message && number > 0 && number <= VS_MAX_SIGNAL && !ret->line) {
        ret->signal = number;
        ret->line = g_strndup(message, strcspn(message, "\n"));
    }
}

bool
vs_kernel_journal_read(int pid, int64_t ended, int64_t timeout, VsKernelLog *ret)
{
    int64_t deadline = g_get_monotonic_time() + timeout;
    sd_journal *journal;
    unsigned n = 0;

    if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
        return false;
    if (add_matches(journal, pid) &&
        sd_journal_seek_realtime_usec(journal, (uint64_t)MAX(ended - BEFORE, 0)) >= 0) {
        int64_t left;

        do {
            while (!ret->line && n++ < MAX_ENTRIES && sd_journal_next(journal) > 0)
                read_entry(journal, pid, ret);
            left = deadline - g_get_monotonic_time();
        } while (!ret->line && n < MAX_ENTRIES && left > 0 &&
                 sd_journal_wait(journal, (uint64_t)left) >= 0);
    }
    sd_journal_close(journal);
    return ret->line != NULL;
}

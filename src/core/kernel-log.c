/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernel-log.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "util/text.h"

/* The number behind @marker, if @behind follows it; -1: there is none. */
static long
number_behind(const char *line, const char *marker, char behind)
{
    const char *found = strstr(line, marker);
    char *end;
    long number;

    if (!found || !g_ascii_isdigit(found[strlen(marker)]))
        return -1;
    number = strtol(found + strlen(marker), &end, 10);
    return *end == behind ? number : -1;
}

/* "Memory cgroup out of memory: Killed process 4614 (qemu-system-x86) total-vm:1048576kB, ..." */
static bool
names_killed(const char *line, int pid)
{
    return number_behind(line, "Killed process ", ' ') == pid;
}

/* "audit: type=1701 audit(1795831443.120:99): auid=... pid=4614 comm="qemu-system-x86" exe="..."
 * sig=11 res=1": the audit of a process that ends abnormally, which the journal has as "ANOM_ABEND
 * auid=...". What the process calls itself comes in quotes, or in hexadecimal. */
static int
audited_signal(const char *line, int pid)
{
    long signal;

    bool audit = strstr(line, "type=1701 audit(") || g_str_has_prefix(line, "ANOM_ABEND ");

    if (!audit || number_behind(line, " pid=", ' ') != pid)
        return 0;
    signal = number_behind(line, " sig=", ' ');
    return signal > 0 && signal <= VS_MAX_SIGNAL ? (int)signal : 0;
}

void
vs_kernel_log_read(VsKernelLog *log, const char *line, int pid)
{
    bool oom = names_killed(line, pid);
    int signal = oom ? 0 : audited_signal(line, pid);

    if (!oom && signal == 0)
        return;
    log->oom |= oom;
    log->signal = signal;
    g_free(log->line);
    log->line = vs_text_cut(line, VS_EVENT_MAX_TEXT);
}

void
vs_kernel_log_clear(VsKernelLog *log)
{
    g_clear_pointer(&log->line, g_free);
}

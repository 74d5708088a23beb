/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "core/qemu-log.h"

/* Any text as the hypervisor's log; the first line says when the guest was alive, as a number. */

const char *const vs_fuzz_corpus[] = {"tests/fuzz/corpus/qemu-log", NULL};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(size, VS_FUZZ_MAX_SIZE));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    VsDomainId domain = {.uuid.text = "11111111-2222-4333-8444-555555555501", .id = 3};
    VsQemuLog log;

    if (!lines[0])
        return 0;
    vs_qemu_log_read(&log, lines + 1, &domain, g_ascii_strtoll(lines[0], NULL, 10));
    g_assert_true(log.is || log.lines->len == 0);
    g_assert_true(log.outside || (log.signal == 0 && log.pid == 0 && !log.comm));
    g_assert_true(!log.libvirt_last || (log.libvirt && log.reason));
    for (unsigned i = 0; i < log.lines->len; i++)
        g_assert_true(g_strv_contains((const char *const *)lines + 1, log.lines->pdata[i]));
    vs_qemu_log_clear(&log);
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernel-log.h"
#include "core/process-end.h"
#include "vs-test.h"

/* What a line of the kernel's says of the process 4614. */

#define AUDIT "type=1701 audit(1795831443.120:99): auid=0 "

static void
check(const char *line, bool oom, int signal)
{
    VsKernelLog log = {0};

    vs_test_note(line);
    vs_kernel_log_read(&log, line, 4614);
    g_assert_cmpint(log.oom, ==, oom);
    g_assert_cmpint(log.signal, ==, signal);
    g_assert_cmpstr(log.line, ==, oom || signal != 0 ? line : NULL);
    vs_kernel_log_clear(&log);
}

static void
test_killed(void)
{
    check("Memory cgroup out of memory: Killed process 4614 (qemu-system-x86) total-vm:1kB", true,
          0);
    check("Out of memory: Killed process 4614 (qemu-system-x86) total-vm:1kB", true, 0);
    check("Out of memory: Killed process 46140 (qemu-system-x86) total-vm:1kB", false, 0);
    check("Out of memory: Killed process 461 (qemu-system-x86) total-vm:1kB", false, 0);
    check("Out of memory: Killed process 4614, UID 0", false, 0);
    check("Out of memory: Killed process ", false, 0);
    check("oom_reaper: reaped process 4614 (qemu-system-x86)", false, 0);
}

static void
test_audited(void)
{
    check("audit: " AUDIT "pid=4614 comm=\"qemu-system-x86\" exe=\"/usr/bin/q\" sig=11 res=1",
          false, 11);
    check("ANOM_ABEND auid=0 pid=4614 comm=\"qemu-system-x86\" sig=1 res=1", false, 1);
    check("audit: " AUDIT "pid=4614 comm=\"q\" sig=64 res=1", false, 64);
    check("audit: " AUDIT "pid=4614 comm=\"q\" sig=65 res=1", false, 0);
    check("audit: " AUDIT "pid=4614 comm=\"q\" sig=0 res=1", false, 0);
    check("audit: " AUDIT "pid=4614 comm=\"q\" sig=11", false, 0);
    check("audit: " AUDIT "pid=4615 comm=\"q\" sig=11 res=1", false, 0);
    check("audit: type=1702 audit(1.2:3): pid=4614 sig=11 res=1", false, 0);
    check("somebody says ANOM_ABEND pid=4614 sig=11 res=1", false, 0);
}

/* What is written of a signal is read again, and each has a name that people know, but glibc's two.
 */
static void
test_signals(void)
{
    for (int number = 1; number <= VS_MAX_SIGNAL; number++) {
        const char *name = vs_signal_name(number);

        g_assert_cmpint(vs_signal_number(name), ==, name ? number : 0);
    }
    g_assert_cmpstr(vs_signal_name(1), ==, "SIGHUP");
    g_assert_cmpstr(vs_signal_name(9), ==, "SIGKILL");
    g_assert_cmpstr(vs_signal_name(31), ==, "SIGSYS");
    g_assert_null(vs_signal_name(33));
    g_assert_cmpstr(vs_signal_name(34), ==, "SIGRTMIN+0");
    g_assert_cmpstr(vs_signal_name(64), ==, "SIGRTMIN+30");
    g_assert_null(vs_signal_name(0));
    g_assert_null(vs_signal_name(65));
    g_assert_cmpint(vs_signal_number("SIGRTMIN+31"), ==, 0);
    g_assert_cmpint(vs_signal_number("9"), ==, 0);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/kernel-log/killed", test_killed);
    g_test_add_func("/kernel-log/audited", test_audited);
    g_test_add_func("/kernel-log/signals", test_signals);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "virt/kmsg.h"
#include "virt/oom-count.h"
#include "virt/pidfd.h"
#include "virt/process-end.h"
#include "vs-test.h"

/* How a process ended, on this kernel, and on older ones that are played by its calls. The process
 * is a shell that takes itself for a QEMU. */

#define SEC INT64_C(1000000)

typedef struct Case {
    VsPidfdCalls real;
    VsThreads *threads;
    VsProcesses *processes;
    VsDomainId domain;
    pid_t child;
    bool watched, over;
    VsProcessEnd end;
} Case;

static void
on_event(const VsEvent *event, void *userdata)
{
    Case *test = userdata;

    g_assert_cmpstr(event->domain->uuid.text, ==, test->domain.uuid.text);
    g_assert_cmpint(event->domain->id, ==, 7);
    if (event->type == VS_EVENT_WATCHED) {
        test->watched = true;
        return;
    }
    g_assert_cmpint(event->type, ==, VS_EVENT_PROCESS);
    g_assert_true(test->watched && !test->over);
    test->over = true;
    test->end = event->process.end;
}

/* Ends by what is written to it. */
static pid_t
run_child(int *ret_input)
{
    int ends[2];
    pid_t child;

    g_assert_cmpint(pipe(ends), ==, 0);
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl("/bin/sh", "sh", "-c", "read line; eval \"$line\"", "-name", "guest=victim", NULL);
        _exit(127);
    }
    close(ends[0]);
    *ret_input = ends[1];
    return child;
}

static void
set_up(Case *test, const void *data)
{
    test->real = vs_pidfd_calls;
    test->threads = vs_threads_new();
    test->processes = vs_processes_new(test->threads, on_event, test);
    test->domain = (VsDomainId){.uri = (char *)"qemu:///system", .name = (char *)"victim", .id = 7};
    test->domain.uuid = (VsUuid){.text = "11111111-2222-4333-8444-555555555501"};
}

static void
tear_down(Case *test, const void *data)
{
    vs_threads_close(test->threads);
    vs_processes_free(test->processes);
    vs_threads_wait(test->threads, 10 * SEC);
    vs_threads_unref(test->threads);
    vs_pidfd_calls = test->real;
}

/* NULL: it can't be found by a pidfd, or at all. */
static VsProcess *
find(const Case *test, pid_t child)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)child);
    g_autofree char *path = vs_test_write(vs_test_dir(), "victim.pid", text);
    VsProcess *process = NULL;

    for (int tries = 0; !process && tries < 1000; tries++) { /* until it has exec()ed */
        process = vs_process_find(path, &test->domain);
        if (!process)
            g_usleep(10000);
    }
    return process;
}

static void
wait_until(const bool *what)
{
    int64_t deadline = g_get_monotonic_time() + 30 * SEC;

    while (!*what && g_get_monotonic_time() < deadline)
        g_main_context_iteration(NULL, FALSE);
    g_assert_true(*what);
}

static void
reap(pid_t child)
{
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
}

/* Holds a child, has it end by @line, and returns when that was told. */
static void
play(Case *test, const char *line)
{
    int input;
    pid_t child = run_child(&input);
    VsProcess *process = find(test, child);

    g_assert_nonnull(process);
    g_assert_cmpint(vs_process_pid(process), ==, child);
    g_assert_cmpint(vs_process_started(process), <=, g_get_monotonic_time());
    vs_processes_hold(test->processes, &test->domain, process,
                      vs_oom_count_new("/proc", "/sys/fs/cgroup", child));
    g_assert_true(test->watched);
    g_assert_cmpint(write(input, line, strlen(line)), ==, strlen(line));
    close(input);
    reap(child);
    wait_until(&test->over);
}

/* The headers don't know, and neither do we. */
static bool
kernel_tells(void)
{
    int input, status = 0;
    pid_t child = run_child(&input);
    int fd = vs_pidfd_open(child);
    bool tells;

    close(input);
    reap(child);
    tells = fd >= 0 && vs_pidfd_exit_status(fd, &status);
    if (fd >= 0)
        close(fd);
    return tells;
}

static void
test_ends(Case *test, const void *data)
{
    static const struct {
        const char *line;
        VsFate fate;
        int number;
    } rows[] = {
        {"kill -KILL $$\n", VS_FATE_KILLED, SIGKILL},
        {"kill -SEGV $$\n", VS_FATE_KILLED, SIGSEGV},
        {"kill -ABRT $$\n", VS_FATE_KILLED, SIGABRT},
        {"exit 3\n", VS_FATE_EXITED, 3},
        {"exit 0\n", VS_FATE_EXITED, 0},
    };

    if (!kernel_tells()) {
        g_test_skip("the kernel doesn't tell how a process ended: it is older than 6.15");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        test->watched = test->over = false;
        play(test, rows[i].line);
        g_assert_cmpint(test->end.fate, ==, rows[i].fate);
        g_assert_cmpint(test->end.number, ==, rows[i].number);
        if (rows[i].number != SIGKILL)
            g_assert_cmpint(test->end.oom, ==, VS_OOM_UNKNOWN); /* nobody asked */
        else
            g_assert_cmpint(test->end.oom, !=, VS_OOM_NAMED);
    }
}

/* Before Linux 6.13 the call isn't known, in 6.13 and 6.14 the answer has nothing of the end. */
static int
no_such_call(int fd, void *info)
{
    errno = ENOTTY;
    return -1;
}

static int
nothing_of_the_end(int fd, void *info)
{
    *(uint64_t *)info = 7;
    return 0;
}

static int
never_heard_of(int pid)
{
    errno = ENOSYS;
    return -1;
}

static void
test_older(Case *test, const void *data)
{
    vs_pidfd_calls.get_info = no_such_call;
    play(test, "kill -KILL $$\n");
    g_assert_cmpint(test->end.fate, ==, VS_FATE_UNKNOWN);

    test->watched = test->over = false;
    vs_pidfd_calls.get_info = nothing_of_the_end;
    play(test, "kill -SEGV $$\n");
    g_assert_cmpint(test->end.fate, ==, VS_FATE_UNKNOWN);
}

/* Such a kernel doesn't say when the process is reaped, so nobody waits for that. */
static void
test_older_zombie(Case *test, const void *data)
{
    int input;
    pid_t child = run_child(&input);
    VsProcess *process = find(test, child);

    vs_pidfd_calls.get_info = no_such_call;
    vs_processes_hold(test->processes, &test->domain, process,
                      vs_oom_count_new("/proc", "/sys/fs/cgroup", child));
    close(input);
    wait_until(&test->over);
    reap(child);
}

static void
test_oldest(Case *test, const void *data)
{
    int input;
    pid_t child = run_child(&input);
    VsProcess *process;

    vs_pidfd_calls.open = never_heard_of;
    process = find(test, child);
    g_assert_nonnull(process);
    vs_processes_hold(test->processes, &test->domain, process,
                      vs_oom_count_new("/proc", "/sys/fs/cgroup", child));
    close(input);
    reap(child);
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    g_assert_false(test->watched);
}

/* Of a guest that was started anew the process before counts no more. */
static void
test_replaced(Case *test, const void *data)
{
    int input;
    pid_t child = run_child(&input);

    vs_processes_hold(test->processes, &test->domain, find(test, child),
                      vs_oom_count_new("/proc", "/sys/fs/cgroup", child));
    play(test, "exit 4\n");
    if (test->end.fate != VS_FATE_UNKNOWN)
        g_assert_cmpint(test->end.number, ==, 4);
    close(input);
    reap(child);
    g_assert_false(g_main_context_iteration(NULL, FALSE));
}

static char *
write_group(const char *dir, const char *path, const char *file, int n)
{
    g_autofree char *directory = g_build_filename(dir, path, NULL);
    g_autofree char *text = g_strdup_printf("low 0\noom 9\noom_kill %d\noom_group_kill 0\n", n);

    g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
    return vs_test_write(directory, file, text);
}

static void
test_count_unified(Case *test, const void *data)
{
    const char *dir = vs_test_dir();
    g_autofree char *proc = g_build_filename(dir, "proc", "4711", NULL);
    g_autofree char *procs = g_path_get_dirname(proc);
    g_autofree char *groups = g_build_filename(dir, "unified", NULL);
    g_autofree char *slice = write_group(groups, "machine.slice", "memory.events", 2);
    g_autofree char *scope = write_group(groups, "machine.slice/a.scope", "memory.events", 0);
    g_autofree char *mark = vs_test_write(groups, "cgroup.controllers", "memory\n");
    g_autofree char *line = NULL;
    g_autoptr(VsOomCount) count = NULL;

    g_assert_cmpint(g_mkdir_with_parents(proc, 0700), ==, 0);
    /* a thread's group has no count of its own */
    line = vs_test_write(proc, "cgroup", "0::/machine.slice/a.scope/libvirt/emulator\n");
    g_free(write_group(dir, "proc", "vmstat", 7));
    count = vs_oom_count_new(procs, groups, 4711);
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_NO);
    g_free(write_group(dir, "proc", "vmstat", 8)); /* it may be in another group by now */
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_UNKNOWN);
    g_free(write_group(dir, "proc", "vmstat", 7));
    g_free(write_group(groups, "machine.slice", "memory.events", 3));
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_NO); /* another one's */
    g_free(write_group(groups, "machine.slice/a.scope", "memory.events", 1));
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_COUNTED);

    /* it goes with its last process */
    g_assert_cmpint(unlink(scope), ==, 0);
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_UNKNOWN);
    g_free(write_group(groups, "machine.slice", "memory.events", 2));
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_NO);
    g_assert_cmpint(unlink(slice), ==, 0);
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_UNKNOWN);
}

static void
test_count_legacy(Case *test, const void *data)
{
    const char *dir = vs_test_dir();
    g_autofree char *proc = g_build_filename(dir, "proc", "4712", NULL);
    g_autofree char *procs = g_path_get_dirname(proc);
    g_autofree char *groups = g_build_filename(dir, "legacy", NULL);
    g_autofree char *own = write_group(groups, "memory/machine/a", "memory.oom_control", 5);
    g_autofree char *line = NULL;
    g_autoptr(VsOomCount) count = NULL;
    g_autoptr(VsOomCount) none = vs_oom_count_new(procs, groups, 4713);

    g_assert_cmpint(g_mkdir_with_parents(proc, 0700), ==, 0);
    line = vs_test_write(proc, "cgroup", "5:cpu,cpuacct:/b\n4:memory:/machine/a\n0::/c\n");
    count = vs_oom_count_new(procs, groups, 4712);
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_NO);
    g_free(write_group(groups, "memory/machine/a", "memory.oom_control", 6));
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_COUNTED);
    g_assert_cmpint(unlink(own), ==, 0);
    g_assert_cmpint(vs_oom_count_look(count), ==, VS_OOM_UNKNOWN);
    g_assert_cmpint(vs_oom_count_look(none), ==, VS_OOM_UNKNOWN);
}

/* A log of the kernel's, a record a read(): a pipe in packets. */
static bool
read_log(const char *const *records, int pid, int64_t started, VsKernelLog *ret)
{
    g_autofree char *path = NULL;
    int ends[2];
    bool all;

    g_assert_cmpint(pipe2(ends, O_DIRECT | O_CLOEXEC), ==, 0);
    for (; *records; records++)
        g_assert_cmpint(write(ends[1], *records, strlen(*records)), ==, strlen(*records));
    path = g_strdup_printf("/proc/self/fd/%d", ends[0]);
    all = vs_kmsg_read(path, pid, started, ret);
    close(ends[0]);
    close(ends[1]);
    return all;
}

#define KILLED "Memory cgroup out of memory: Killed process 4614 (qemu-system-x86) total-vm:1kB"
#define AUDIT                                                                                      \
    "audit: type=1701 audit(1795831443.120:99): auid=4294967295 uid=107 gid=107 ses=4294967295 "   \
    "subj=unconfined pid=4614 comm=\"qemu-system-x86\" exe=\"/usr/bin/qemu\" sig=11 res=1"

static void
test_log(Case *test, const void *data)
{
    static const char *const whole[] = {"6,0,100,-;it begins\n", "3,1,200,-;" KILLED "\n SUB=1\n",
                                        "nonsense", NULL};
    static const char *const others[] = {
        "6,7,1000000,-;x\n", "3,8,2000000,-;Killed process 46145 (qemu) total\n",
        "11,9,3000000,-;Killed process 4614 (a lie) total\n", "6,10,20000000,-;y\n", NULL};
    static const char *const cut[] = {"6,7,1000000,-;x\n", "6,8,2000000,-;y\n", NULL};
    static const char *const drifted[] = {"6,0,100,-;it begins\n", "3,1,86360000000,-;" KILLED "\n",
                                          NULL};
    static const char *const audit[] = {"5,0,100,-;" AUDIT "\n", NULL};
    VsKernelLog log = {0};

    g_assert_true(read_log(whole, 4614, 0, &log));
    g_assert_true(log.oom);
    g_assert_cmpstr(log.line, ==, KILLED);
    vs_kernel_log_clear(&log);

    log = (VsKernelLog){0};
    g_assert_true(read_log(others, 4614, 0, &log));
    g_assert_false(log.oom);
    g_assert_false(read_log(cut, 4614, 0, &log)); /* what came before is lost */
    g_assert_false(vs_kmsg_read("/nowhere", 4614, 0, &log));
    g_assert_true(read_log(whole, 4614, 2 * SEC, &log)); /* another's of that pid, before it */
    g_assert_null(log.line);
    g_assert_true(read_log(drifted, 4614, 86400 * SEC, &log));
    g_assert_true(log.oom);
    vs_kernel_log_clear(&log);
    log = (VsKernelLog){0};

    g_assert_true(read_log(audit, 4614, 0, &log));
    g_assert_cmpint(log.signal, ==, SIGSEGV);
    vs_kernel_log_clear(&log);
    log = (VsKernelLog){0};
    vs_kernel_log_read(&log, "ANOM_ABEND auid=1 uid=1 gid=1 ses=1 pid=4614 comm=\"q\" sig=6 res=1",
                       4614);
    g_assert_cmpint(log.signal, ==, SIGABRT);
    vs_kernel_log_clear(&log);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add("/process-end/ends", Case, NULL, set_up, test_ends, tear_down);
    g_test_add("/process-end/older", Case, NULL, set_up, test_older, tear_down);
    g_test_add("/process-end/older-zombie", Case, NULL, set_up, test_older_zombie, tear_down);
    g_test_add("/process-end/oldest", Case, NULL, set_up, test_oldest, tear_down);
    g_test_add("/process-end/replaced", Case, NULL, set_up, test_replaced, tear_down);
    g_test_add("/process-end/count-unified", Case, NULL, set_up, test_count_unified, tear_down);
    g_test_add("/process-end/count-legacy", Case, NULL, set_up, test_count_legacy, tear_down);
    g_test_add("/process-end/log", Case, NULL, set_up, test_log, tear_down);
    return g_test_run();
}

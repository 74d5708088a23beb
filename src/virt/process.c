/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "util/span.h"
#include "virt/pidfd.h"

/* Where the kernel has no pidfd. */
#define LOOK_INTERVAL (50 * VS_USEC_PER_MSEC)

struct VsProcess {
    int pid;
    int fd;        /* pidfd; -1: the kernel has none */
    int64_t start; /* clock ticks since boot */
};

static int
read_pid(const char *path)
{
    char text[32];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t length;

    if (fd < 0)
        return -1;
    length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0)
        return -1;
    text[length] = '\0';
    return atoi(text);
}

/* From /proc/PID/stat; -1: there is no such process, or only its zombie. */
static int64_t
read_start(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    const char *behind_name;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return -1;
    /* "1234 (a name with ) in it) S 1 ...": the state is field 3, the start is field 22 */
    behind_name = strrchr(text, ')');
    if (!behind_name)
        return -1;
    fields = g_strsplit(behind_name + 1, " ", 22);
    if (g_strv_length(fields) < 21 || strchr("ZX", fields[1][0]))
        return -1;
    return g_ascii_strtoll(fields[20], NULL, 10);
}

/* The value behind "-name" is "guest=NAME,debug-threads=on", a comma in NAME is doubled. */
static bool
is_guest(const char *value, const char *name)
{
    if (!g_str_has_prefix(value, "guest="))
        return false;
    for (value += strlen("guest="); *name; name++, value++) {
        if (*value != *name || (*name == ',' && *++value != ','))
            return false;
    }
    return *value == '\0' || (value[0] == ',' && value[1] != ',');
}

static bool
is_qemu_of(int pid, const VsDomainId *domain)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid);
    g_autofree char *text = NULL;
    gsize length;
    const char *option = "";

    if (!g_file_get_contents(path, &text, &length, NULL))
        return false;
    for (const char *word = text; word < text + length; word += strlen(word) + 1) {
        if (strcmp(option, "-uuid") == 0 && g_ascii_strcasecmp(word, domain->uuid.text) == 0)
            return true;
        if (strcmp(option, "-name") == 0 && is_guest(word, domain->name))
            return true;
        option = word;
    }
    return false;
}

VsProcess *
vs_process_find(const char *pid_file, const VsDomainId *domain)
{
    g_autoptr(VsProcess) process = NULL;
    int pid = read_pid(pid_file);

    if (pid <= 1)
        return NULL;
    process = g_new0(VsProcess, 1);
    process->pid = pid;
    process->fd = vs_pidfd_open(pid);
    if (process->fd < 0 && errno == ESRCH)
        return NULL;
    process->start = read_start(pid);
    /* Looked at last: what is held by now is what is looked at, or it has ended. */
    return process->start >= 0 && is_qemu_of(pid, domain) ? g_steal_pointer(&process) : NULL;
}

void
vs_process_free(VsProcess *process)
{
    if (process->fd >= 0)
        close(process->fd);
    g_free(process);
}

int
vs_process_pid(const VsProcess *process)
{
    return process->pid;
}

int
vs_process_fd(const VsProcess *process)
{
    return process->fd;
}

static int64_t
read_clock(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * VS_USEC_PER_SEC + time.tv_nsec / 1000;
}

int64_t
vs_process_started(const VsProcess *process)
{
    int64_t since_boot = process->start * (VS_USEC_PER_SEC / sysconf(_SC_CLK_TCK));

    return since_boot - (read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC));
}

static bool
is_gone(const VsProcess *process)
{
    struct pollfd end = {.fd = process->fd, .events = POLLIN};

    if (process->fd >= 0)
        return poll(&end, 1, 0) > 0;
    return read_start(process->pid) != process->start;
}

int
vs_process_terminate(VsProcess *process)
{
#ifdef SYS_pidfd_send_signal
    if (process->fd >= 0)
        return (int)syscall(SYS_pidfd_send_signal, process->fd, SIGTERM, NULL, 0);
#endif
    if (is_gone(process)) {
        errno = ESRCH;
        return -1;
    }
    return kill(process->pid, SIGTERM);
}

bool
vs_process_wait(VsProcess *process, int64_t timeout)
{
    int64_t deadline = g_get_monotonic_time() + timeout;

    while (!is_gone(process)) {
        struct pollfd end = {.fd = process->fd, .events = POLLIN};
        int64_t left = deadline - g_get_monotonic_time();

        if (left <= 0)
            return false;
        if (process->fd < 0)
            left = MIN(left, LOOK_INTERVAL);
        poll(&end, 1, (int)((left + VS_USEC_PER_MSEC - 1) / VS_USEC_PER_MSEC));
    }
    return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/span.h"

/* How long one that is told to end may take, and one that is killed to be gone. */
#define END_SPAN  (5 * VS_USEC_PER_SEC)
#define KILL_SPAN (VS_USEC_PER_SEC)

#define POLL (20 * VS_USEC_PER_MSEC)

static void
be_quiet(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
}

/* Of a service's own process: it gets no signal masked, and is no service itself. */
static pid_t
spawn(const char *const *argv, const char *const *environment, bool quiet)
{
    pid_t pid = fork();
    sigset_t none;

    if (pid != 0)
        return MAX(pid, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    for (; environment && *environment; environment++)
        putenv((char *)*environment);
    if (quiet)
        be_quiet();
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

void
vs_hook_child_run(VsHookChild *child, const char *const *argv, const char *const *environment)
{
    child->pid = spawn(argv, environment, false);
    child->since = g_get_monotonic_time();
}

/* 0: it still runs; else it is gone, with @ret_status. */
static pid_t
reap(pid_t pid, int *ret_status)
{
    pid_t reaped;

    do
        reaped = waitpid(pid, ret_status, WNOHANG);
    while (reaped < 0 && errno == EINTR);
    return reaped;
}

bool
vs_hook_child_runs(VsHookChild *child)
{
    if (child->pid > 0 && reap(child->pid, &child->status) != 0)
        child->pid = 0;
    return child->pid > 0;
}

static bool
is_gone_within(VsHookChild *child, int64_t span)
{
    int64_t until = g_get_monotonic_time() + span;

    while (vs_hook_child_runs(child) && g_get_monotonic_time() < until)
        g_usleep(POLL);
    return child->pid == 0;
}

void
vs_hook_child_kill(VsHookChild *child)
{
    if (!vs_hook_child_runs(child))
        return;
    kill(child->pid, SIGKILL);
    is_gone_within(child, KILL_SPAN);
    child->pid = 0; /* one that hangs in the kernel is let alone */
}

void
vs_hook_child_end(VsHookChild *child)
{
    if (!vs_hook_child_runs(child))
        return;
    kill(child->pid, SIGTERM);
    if (!is_gone_within(child, END_SPAN))
        vs_hook_child_kill(child);
}

bool
vs_hook_child_try(const char *const *argv, int64_t span)
{
    /* A status that is never had is no success. */
    VsHookChild child = {.pid = spawn(argv, NULL, true), .status = -1};

    if (child.pid == 0)
        return false;
    if (!is_gone_within(&child, span)) {
        vs_hook_child_kill(&child);
        return false;
    }
    return WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0;
}

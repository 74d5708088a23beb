/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/agent.h"

#include <fcntl.h>
#include <glib.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <time.h>
#include <unistd.h>

/* ms: for the agent to be there. It waits for polkit, which may have to be started. */
#define PATIENCE 10000

#define GRACE 1000 /* ms: for it to end */

static pid_t agent; /* 0: there is none */
static bool tried;

/* In the child: it keeps the pipe's end, and goes when we do, however that is. */
static void
set_up_child(gpointer userdata)
{
    const int *pipe = userdata;
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL); /* an event loop may have blocked some */
    fcntl(pipe[1], F_SETFD, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* It closes the pipe when it can be asked, or ends. */
static void
await(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    int64_t until = g_get_monotonic_time() + PATIENCE * INT64_C(1000);
    int64_t left;

    while ((left = until - g_get_monotonic_time()) > 0)
        if (poll(&polled, 1, (int)(left / 1000) + 1) > 0)
            break;
}

/* In a session a desktop's agent comes first; outside of one polkit forgets those that are only to
 * be asked where there is no other (seen with 122). */
static bool
has_session(void)
{
    g_autofree char *session = NULL;

    return sd_pid_get_session(0, &session) >= 0;
}

static void
start(void)
{
    int pipe[2];
    g_autofree char *fd = NULL;
    GPid pid;

    if (!g_unix_open_pipe(pipe, FD_CLOEXEC, NULL))
        return;
    fd = g_strdup_printf("%d", pipe[1]);
    char *argv[] = {(char *)"pkttyagent", (char *)"--notify-fd", fd,
                    has_session() ? (char *)"--fallback" : NULL, NULL};
    if (g_spawn_async(NULL, argv, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                          G_SPAWN_STDERR_TO_DEV_NULL,
                      set_up_child, pipe, &pid, NULL))
        agent = pid;
    close(pipe[1]);
    if (agent > 0)
        await(pipe[0]);
    close(pipe[0]);
}

bool
vs_agent_has_person(void)
{
    if (geteuid() == 0 || !isatty(STDIN_FILENO))
        return false;
    if (!tried)
        start();
    tried = true;
    return true;
}

/* Waits for the agent's end, but not for ever. SIGCHLD is blocked. */
static bool
has_ended(void)
{
    int64_t until = g_get_monotonic_time() + GRACE * INT64_C(1000);
    sigset_t child;
    int64_t left;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    while (waitpid(agent, NULL, WNOHANG) == 0) {
        struct timespec span;

        if ((left = until - g_get_monotonic_time()) <= 0)
            return false;
        span = (struct timespec){.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
        sigtimedwait(&child, NULL, &span);
    }
    return true;
}

/* A stopped one would not hear of it. One that doesn't even go when it is killed is left to init.
 */
void
vs_agent_end(void)
{
    sigset_t child;

    if (agent == 0)
        return;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    kill(agent, SIGTERM);
    kill(agent, SIGCONT);
    if (!has_ended()) {
        kill(agent, SIGKILL);
        has_ended();
    }
    agent = 0;
}

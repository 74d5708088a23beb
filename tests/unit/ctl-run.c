/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl-run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const char *ctl_program = "virtstopctl";

#define TIMEOUT 30 /* s: for a machine under load */

static void
set_up_child(gpointer userdata)
{
    int uid = GPOINTER_TO_INT(userdata);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (uid >= 0 && setuid((uid_t)uid) < 0)
        _exit(127);
}

static void
on_exit_of_child(GPid pid, gint status, gpointer userdata)
{
    CtlRun *run = userdata;

    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    run->sources[0] = 0;
    run->n_open--;
}

static gboolean
read_some(CtlRun *run, int fd, GString *text, guint *source)
{
    char buffer[4096];
    ssize_t n = read(fd, buffer, sizeof buffer);

    if (n > 0)
        g_string_append_len(text, buffer, n);
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return G_SOURCE_CONTINUE;
    close(fd);
    *source = 0;
    run->n_open--;
    return G_SOURCE_REMOVE;
}

static gboolean
on_output(gint fd, GIOCondition condition, gpointer userdata)
{
    CtlRun *run = userdata;

    return read_some(run, fd, run->out, &run->sources[1]);
}

static gboolean
on_messages(gint fd, GIOCondition condition, gpointer userdata)
{
    CtlRun *run = userdata;

    return read_some(run, fd, run->err, &run->sources[2]);
}

/* Takes over @out and @err, its ends of them. */
static bool
spawn(CtlRun *run, const char *const *arguments, int uid, int out, int err, GError **error)
{
    const char *builddir = g_getenv("top_builddir") ? g_getenv("top_builddir") : ".";
    g_autofree char *program = g_build_filename(builddir, ctl_program, NULL);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    bool ok;

    g_ptr_array_add(argv, program);
    for (; *arguments; arguments++)
        g_ptr_array_add(argv, (gpointer)*arguments);
    g_ptr_array_add(argv, NULL);
    ok = g_spawn_async_with_fds(NULL, (char **)argv->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                set_up_child, GINT_TO_POINTER(uid), &run->pid, -1, out, err, error);
    close(out);
    close(err);
    return ok;
}

/* @out and @err: our ends. */
static void
listen_to(CtlRun *run, int out, int err)
{
    run->out = g_string_new(NULL);
    run->err = g_string_new(NULL);
    run->sources[0] = g_child_watch_add(run->pid, on_exit_of_child, run);
    run->sources[1] = g_unix_fd_add(out, G_IO_IN | G_IO_HUP, on_output, run);
    run->sources[2] = g_unix_fd_add(err, G_IO_IN | G_IO_HUP, on_messages, run);
    run->n_open = G_N_ELEMENTS(run->sources);
}

bool
ctl_start(CtlRun *run, const char *const *arguments, int uid)
{
    g_autoptr(GError) error = NULL;
    int out[2], err[2];

    g_assert_true(g_unix_open_pipe(out, FD_CLOEXEC, NULL));
    g_assert_true(g_unix_open_pipe(err, FD_CLOEXEC, NULL));
    if (!spawn(run, arguments, uid, out[1], err[1], &error) && uid >= 0) {
        close(out[0]);
        close(err[0]);
        return false;
    }
    g_assert_no_error(error);
    listen_to(run, out[0], err[0]);
    return true;
}

void
ctl_start_on_terminal(CtlRun *run, const char *const *arguments, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_autoptr(GError) error = NULL;
    int out, err[2];

    g_assert_cmpint(terminal, >=, 0);
    g_assert_cmpint(grantpt(terminal), ==, 0);
    g_assert_cmpint(unlockpt(terminal), ==, 0);
    g_assert_cmpint(ioctl(terminal, TIOCSWINSZ, &size), ==, 0);
    out = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_assert_cmpint(out, >=, 0);
    g_assert_true(g_unix_open_pipe(err, FD_CLOEXEC, NULL));
    g_setenv("TERM", "xterm", TRUE);
    g_setenv("PAGER", "cat", TRUE);
    g_unsetenv("COLUMNS");
    spawn(run, arguments, -1, out, err[1], &error);
    g_assert_no_error(error);
    listen_to(run, terminal, err[0]);
}

bool
ctl_has_ended(const CtlRun *run)
{
    return run->n_open == 0;
}

static gboolean
on_timeout(gpointer userdata)
{
    g_error("virtstopctl did not end within %d s", TIMEOUT);
    return G_SOURCE_REMOVE;
}

void
ctl_run(CtlRun *run, const char *const *arguments)
{
    guint timeout = g_timeout_add_seconds(TIMEOUT, on_timeout, NULL);

    g_assert_true(ctl_start(run, arguments, -1));
    while (!ctl_has_ended(run))
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(timeout);
}

void
ctl_clear(CtlRun *run)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(run->sources); i++)
        if (run->sources[i] != 0)
            g_source_remove(run->sources[i]);
    if (run->sources[0] != 0) {
        kill(run->pid, SIGKILL);
        waitpid(run->pid, NULL, 0);
    }
    if (run->out) {
        g_string_free(run->out, TRUE);
        g_string_free(run->err, TRUE);
    }
}

bool
ctl_said(const CtlRun *run, const char *part)
{
    return strstr(run->out->str, part) || strstr(run->err->str, part);
}

void
assert_ctl(const CtlRun *run, int status, const char *part)
{
    if (!ctl_has_ended(run) || run->status != status || !ctl_said(run, part))
        g_error("exit status %d and “%s” were expected, it ended with %d:\n%s%s", status, part,
                run->status, run->out->str, run->err->str);
}

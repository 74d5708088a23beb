/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hook-program.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/hook-files.h"
#include "daemon/log.h"
#include "util/error.h"
#include "util/span.h"
#include "util/text.h"

/* Bytes of output. Who writes more is killed: it would go on, and so would the log. */
#define MAX_OUTPUT (16 * 1024)

struct VsHookProgram {
    char *name;
    int64_t span;
    VsHookProgramEnded ended; /* NULL: it was called */
    void *userdata;
    pid_t pid;        /* 0: it never ran, or is gone */
    int out;          /* the end of the pipe that it writes to; -1: none */
    unsigned reader;  /* GLib sources; 0: none */
    unsigned timeout; /* ... */
    GString *output;  /* the line that isn't logged yet */
    size_t n_output;  /* bytes so far */
};

static void
program_free(VsHookProgram *program)
{
    if (program->reader > 0)
        g_source_remove(program->reader);
    if (program->timeout > 0)
        g_source_remove(program->timeout);
    if (program->out >= 0)
        close(program->out);
    g_string_free(program->output, TRUE);
    g_free(program->name);
    g_free(program);
}

const char *
vs_hook_program_name(const VsHookProgram *program)
{
    return program->name;
}

/* The end that it comes to, of which there is one. */
static void
end(VsHookProgram *program, const char *why)
{
    VsHookProgramEnded ended = program->ended;

    program->ended = NULL;
    if (ended)
        ended(program, why, program->userdata);
}

static void
say_line(VsHookProgram *program, const char *line)
{
    g_autofree char *name = vs_text_printable(program->name);
    g_autofree char *text = vs_text_printable(line);

    if (*line)
        vs_log(LOG_INFO, "%s: %s", name, text);
}

static void
say_lines(VsHookProgram *program, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] != '\n' && data[i] != '\0') {
            g_string_append_c(program->output, data[i]);
            continue;
        }
        say_line(program, program->output->str);
        g_string_truncate(program->output, 0);
    }
}

/* Its children with it. That it is gone shows later, which may be never: nobody waits for that. */
static void
kill_it(VsHookProgram *program, const char *why)
{
    if (program->pid > 0)
        kill(-program->pid, SIGKILL);
    end(program, why);
}

/* What is there of its output. False: there will be no more. */
static bool
read_output(VsHookProgram *program)
{
    char data[4096];
    ssize_t n;

    while ((n = read(program->out, data, sizeof(data))) > 0) {
        size_t room = MAX_OUTPUT - program->n_output;

        say_lines(program, data, MIN((size_t)n, room));
        if ((size_t)n > room) {
            kill_it(program, "it wrote more than 16 KiB, and was killed");
            return false;
        }
        program->n_output += (size_t)n;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static gboolean
on_output(int fd, GIOCondition condition, void *userdata)
{
    VsHookProgram *program = userdata;

    if (read_output(program))
        return G_SOURCE_CONTINUE;
    program->reader = 0;
    return G_SOURCE_REMOVE;
}

static gboolean
on_timeout(void *userdata)
{
    VsHookProgram *program = userdata;
    g_autofree char *span = vs_span_format(program->span, false);
    g_autofree char *why = g_strdup_printf("it took longer than %s, and was killed", span);

    program->timeout = 0;
    kill_it(program, why);
    return G_SOURCE_REMOVE;
}

static char *
describe_status(int status)
{
    if (WIFSIGNALED(status))
        return g_strdup_printf("it was killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? NULL : g_strdup_printf("exit status %d", WEXITSTATUS(status));
}

/* What it left in the background is let be, and is listened to no longer. */
static void
on_gone(GPid pid, int status, void *userdata)
{
    VsHookProgram *program = userdata;
    g_autofree char *why = describe_status(status);

    program->pid = 0;
    if (program->ended)
        read_output(program);
    if (program->output->len > 0)
        say_line(program, program->output->str);
    end(program, why);
    program_free(program);
}

/* It doesn't outlive us: nobody would see to its time. */
static void
set_up_child(void *userdata)
{
    sigset_t none;

    setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* A file that is read, or not: no pipe that could be full. -1 with errno. */
static int
open_input(const char *input)
{
    size_t size = strlen(input);
    int fd = memfd_create("virtstop-hook", MFD_CLOEXEC);

    for (size_t done = 0; fd >= 0 && done < size;) {
        ssize_t n = write(fd, input + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* It is no service itself. */
static char **
make_environment(const char *argument)
{
    char **environment = g_get_environ();

    environment = g_environ_unsetenv(environment, "NOTIFY_SOCKET");
    environment = g_environ_unsetenv(environment, "WATCHDOG_USEC");
    environment = g_environ_unsetenv(environment, "WATCHDOG_PID");
    return g_environ_setenv(environment, "VIRTSTOP_EVENT", argument, TRUE);
}

static bool
spawn(VsHookProgram *program, const char *path, const char *argument, int in, int out,
      GError **error)
{
    g_auto(GStrv) environment = make_environment(argument);
    const char *argv[] = {path, argument, NULL};

    return g_spawn_async_with_fds("/", (char **)argv, environment, G_SPAWN_DO_NOT_REAP_CHILD,
                                  set_up_child, NULL, &program->pid, in, out, out, error);
}

static bool
start(VsHookProgram *program, const char *path, const char *argument, const char *input,
      GError **error)
{
    int in = open_input(input);
    int pipe[2] = {-1, -1};
    bool ok = false;

    if (in < 0)
        g_set_error_literal(error, VS_ERROR, VS_ERROR_IO, g_strerror(errno));
    else if (g_unix_open_pipe(pipe, FD_CLOEXEC, error))
        ok = spawn(program, path, argument, in, pipe[1], error);
    if (in >= 0)
        close(in);
    if (pipe[1] >= 0)
        close(pipe[1]);
    program->out = pipe[0];
    return ok && g_unix_set_fd_nonblocking(pipe[0], TRUE, error);
}

static gboolean
on_not_run(void *userdata)
{
    VsHookProgram *program = userdata;

    program->timeout = 0;
    end(program, program->output->str);
    program_free(program);
    return G_SOURCE_REMOVE;
}

/* Told from the main loop, as any other end. */
static void
not_run(VsHookProgram *program, const char *why)
{
    g_string_printf(program->output, "it was not run: %s", why);
    program->timeout = g_idle_add(on_not_run, program);
}

void
vs_hook_program_run(const char *path, const char *argument, const char *input, int64_t span,
                    VsHookProgramEnded ended, void *userdata)
{
    VsHookProgram *program = g_new0(VsHookProgram, 1);
    g_autofree char *why_not = vs_hook_files_why_not(path);
    g_autoptr(GError) error = NULL;

    program->name = g_path_get_basename(path);
    program->span = span;
    program->ended = ended;
    program->userdata = userdata;
    program->out = -1;
    program->output = g_string_new(NULL);
    if (why_not || !start(program, path, argument, input, &error)) {
        not_run(program, why_not ? why_not : error->message);
        return;
    }
    g_child_watch_add(program->pid, on_gone, program);
    program->reader = g_unix_fd_add(program->out, G_IO_IN | G_IO_HUP, on_output, program);
    program->timeout =
        g_timeout_add((unsigned)CLAMP(span / VS_USEC_PER_MSEC, 1, G_MAXINT), on_timeout, program);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "work/clerk.h"

/* So much waits for somebody who reads; what comes then is lost, and counted. */
#define MAX_LINES 1000
#define MAX_BYTES ((size_t)1024 * 1024)

#define FAREWELL (1 * VS_USEC_PER_SEC)

static VsThreads *threads; /* NULL: lines are written at once */
static VsClerk *clerk;
static size_t n_bytes; /* that wait */
static unsigned n_lost;

/* Whoever should read it is gone, or is full: there is nobody to tell. */
static void
write_line(void *data)
{
    const char *text = data;
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(STDERR_FILENO, text, left);

        if (n < 0 && errno != EINTR)
            return;
        text += MAX(n, 0);
        left -= (size_t)MAX(n, 0);
    }
}

static void
line_written(void *data)
{
    n_bytes -= strlen(data);
}

bool
vs_log_is_journal(void)
{
    return getenv("JOURNAL_STREAM") != NULL;
}

static char *
make_line(int level, const char *message)
{
    if (vs_log_is_journal())
        return g_strdup_printf("<%d>%s\n", level, message);
    return g_strdup_printf("virtstopd: %s\n", message);
}

static void
give(char *line)
{
    n_bytes += strlen(line);
    vs_clerk_give(clerk, write_line, line_written, line, g_free);
}

static void
give_if_room(char *line)
{
    g_autofree char *lost = NULL;

    if (vs_clerk_n_left(clerk) >= MAX_LINES || n_bytes + strlen(line) > MAX_BYTES) {
        n_lost++;
        g_free(line);
        return;
    }
    if (n_lost > 0) {
        lost = g_strdup_printf(ngettext("%u line of this log is lost: nobody read it",
                                        "%u lines of this log are lost: nobody read it", n_lost),
                               n_lost);
        give(make_line(LOG_WARNING, lost));
        n_lost = 0;
    }
    give(line);
}

/* On the main thread, of what was said on another. */
static void
deliver(void *data)
{
    give_if_room(g_strdup(data));
}

void
vs_log(int level, const char *format, ...)
{
    g_autofree char *message = NULL;
    g_autofree char *line = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);

    line = make_line(level, message);
    if (!threads)
        write_line(line);
    else if (vs_threads_is_main(threads))
        give_if_room(g_steal_pointer(&line));
    else
        vs_threads_post(threads, deliver, g_steal_pointer(&line), g_free);
}

void
vs_log_set_aside(const char *why, const char *aside, const GError *error)
{
    g_autofree char *quoted = vs_text_quoted(aside);

    if (aside)
        vs_log(LOG_ERR, _("%s; it is set aside as %s"), why, quoted);
    else
        vs_log(LOG_ERR, _("%s; it can't be set aside: %s"), why, error ? error->message : "");
}

void
vs_log_begin(void)
{
    threads = vs_threads_new();
    clerk = vs_clerk_new(threads, "log");
}

/* A thread that hangs, and what says something late, are left to the process's end. */
void
vs_log_end(void)
{
    vs_clerk_wait(clerk, FAREWELL);
    vs_threads_close(threads);
}

static int
level_of(GLogLevelFlags flags)
{
    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return LOG_ERR;
    if (flags & G_LOG_LEVEL_WARNING)
        return LOG_WARNING;
    if (flags & G_LOG_LEVEL_MESSAGE)
        return LOG_NOTICE;
    return flags & G_LOG_LEVEL_INFO ? LOG_INFO : LOG_DEBUG;
}

/* Behind it the process is aborted, and the clerk with it. */
static void
say_last(int level, const char *message)
{
    g_autofree char *line = make_line(level, message);

    if (threads && vs_threads_is_main(threads)) {
        give_if_room(g_steal_pointer(&line));
        vs_clerk_wait(clerk, FAREWELL);
    } else {
        write_line(line);
    }
}

static void
on_glib_log(const char *domain, GLogLevelFlags flags, const char *message, void *userdata)
{
    if (flags & G_LOG_FLAG_FATAL)
        say_last(level_of(flags), message);
    else if (level_of(flags) < LOG_DEBUG)
        vs_log(level_of(flags), "%s", message);
}

void
vs_log_adopt_glib(void)
{
    g_log_set_default_handler(on_glib_log, NULL);
}

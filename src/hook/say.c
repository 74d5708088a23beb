/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/say.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#include "words/plain.h"

#define CONSOLE "/dev/console"

VsHookConsole
vs_hook_console_open(void)
{
    if (!g_log_writer_is_journald(STDOUT_FILENO))
        return (VsHookConsole){.fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0), .prefix = ""};
    return (VsHookConsole){
        .fd = open(CONSOLE, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC),
        .prefix = "virtstop-guests: ",
    };
}

void
vs_hook_console_close(VsHookConsole *console)
{
    if (console->fd >= 0)
        g_close(console->fd, NULL);
    console->fd = -1;
}

void
vs_hook_say_step(const VsHookConsole *console, const char *lines)
{
    g_autofree char *plain = vs_plain_text(lines);
    g_auto(GStrv) each = g_strsplit(plain, "\n", -1);

    fflush(stdout);
    for (unsigned i = 0; console->fd >= 0 && each[i] && each[i + 1]; i++)
        dprintf(console->fd, "%s%s\n", console->prefix, each[i]);
}

void
vs_hook_say(const char *lines)
{
    g_autofree char *plain = vs_plain_text(lines);

    fputs(plain, stdout);
    fflush(stdout);
}

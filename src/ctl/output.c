/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/terminal.h"
#include "util/i18n.h"
#include "words/complain.h"
#include "words/plain.h"

static GPid pager;

/* The command line of the pager; NULL: none is to be used. */
static char *
pager_command(void)
{
    const char *command = g_getenv("PAGER");
    g_autofree char *less = g_find_program_in_path("less");

    /* A sudo rule that allows virtstopctl is not meant to give a shell. */
    if (command && !g_getenv("SUDO_UID"))
        return *command && !g_str_equal(command, "cat") ? g_strdup(command) : NULL;
    return less ? g_strdup("less") : NULL;
}

static char **
pager_environment(void)
{
    char **environment = g_environ_setenv(g_get_environ(), "LESS", "FRX", FALSE);

    if (g_getenv("SUDO_UID"))
        environment = g_environ_setenv(environment, "LESSSECURE", "1", TRUE);
    return environment;
}

void
vs_output_open_pager(const VsCtl *ctl)
{
    g_autofree char *command = NULL;
    g_auto(GStrv) environment = NULL;
    char *argv[] = {(char *)"/bin/sh", (char *)"-c", NULL, NULL};
    int input;

    if (pager || ctl->no_pager || !vs_terminal_is() || !(command = pager_command()))
        return;
    argv[2] = command;
    environment = pager_environment();
    if (!g_spawn_async_with_pipes(NULL, argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                  &pager, &input, NULL, NULL, NULL))
        return; /* then without */
    fflush(stdout);
    dup2(input, STDOUT_FILENO);
    close(input);
    /* Ctrl-C is the pager's affair from now on, and who quits it early has read enough. */
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

bool
vs_output_close(void)
{
    bool ok = fflush(stdout) == 0 && !ferror(stdout);
    int status;

    if (pager) {
        close(STDOUT_FILENO);
        while (waitpid(pager, &status, 0) < 0 && errno == EINTR)
            ;
        pager = 0;
        return true;
    }
    if (!ok)
        vs_complain(_("Can't write to standard output: %s"), g_strerror(errno));
    return ok;
}

void
vs_output_text(const char *text)
{
    g_autofree char *plain = vs_plain_text(text);

    fputs(plain, stdout);
}

void
vs_output_bytes(const char *bytes)
{
    fputs(bytes, stdout);
}

void
vs_output_printf(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    vs_output_text(text);
}

void
vs_output_json(const VsCtl *ctl, json_object *object)
{
    int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
    g_autofree char *visible = NULL;

    if (ctl->json == VS_JSON_PRETTY)
        flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
    visible = vs_json_visible(json_object_to_json_string_ext(object, flags));
    fputs(visible, stdout);
    fputc('\n', stdout);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/terminal.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

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
    char **environment = g_environ_setenv(g_get_environ(), "LESS", "FRSX", FALSE);

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
        vs_output_complain(_("Can't write to standard output: %s"), g_strerror(errno));
    return ok;
}

void
vs_output_text(const char *text)
{
    fputs(text, stdout);
}

void
vs_output_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stdout, format, arguments);
    va_end(arguments);
}

void
vs_output_json(const VsCtl *ctl, json_object *object)
{
    int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

    if (ctl->json == VS_JSON_PRETTY)
        flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
    fputs(json_object_to_json_string_ext(object, flags), stdout);
    fputc('\n', stdout);
}

void
vs_output_complain(const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* A message may carry what somebody else wrote, or that made printable already: so its backslashes
 * stay as they are. */
static char *
message_printable(const char *message)
{
    g_autofree char *printable = vs_text_printable(message);
    g_auto(GStrv) parts = g_strsplit(printable, "\\\\", -1);

    return g_strjoinv("\\", parts);
}

VsExit
vs_exit_of_error(const GError *error)
{
    if (error->domain != VS_ERROR)
        return VS_EXIT_FAILED;
    switch ((VsError)error->code) {
    case VS_ERROR_INVALID:
        return VS_EXIT_USAGE;
    case VS_ERROR_NO_SUCH_DOMAIN:
        return VS_EXIT_NO_SUCH_DOMAIN;
    case VS_ERROR_ACCESS:
        return VS_EXIT_NOT_AUTHORISED;
    default:
        return VS_EXIT_FAILED;
    }
}

VsExit
vs_output_fail(const char *what, const GError *error)
{
    g_autofree char *message = message_printable(error->message);
    g_autofree char *name = vs_text_printable(what);

    if (what)
        vs_output_complain("%s: %s", name, message);
    else
        vs_output_complain("%s", message);
    return vs_exit_of_error(error);
}

VsExit
vs_exit_worse(VsExit one, VsExit other)
{
    /* A guest that still runs outranks one that isn't there. */
    static const VsExit order[] = {VS_EXIT_USAGE, VS_EXIT_NOT_AUTHORISED, VS_EXIT_FAILED,
                                   VS_EXIT_NO_SUCH_DOMAIN, VS_EXIT_FORCED};

    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++)
        if (one == order[i] || other == order[i])
            return order[i];
    return VS_EXIT_OK;
}

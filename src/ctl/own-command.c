/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/own-command.h"

#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_"

char *
vs_own_command_word(const char *word)
{
    return *word && strspn(word, PLAIN) == strlen(word) ? g_strdup(word) : g_shell_quote(word);
}

char *
vs_own_command(const VsCtl *ctl)
{
    const char *name = vs_scope_info(ctl->client.scope)->ctl;
    g_autofree char *host = ctl->client.host ? vs_own_command_word(ctl->client.host) : NULL;

    return host ? g_strdup_printf("%s -H %s", name, host) : g_strdup(name);
}

/* What follows the colon in "[USER@]HOST:PORT"; NULL: there is none. A host may be an IPv6 address,
 * which has colons of its own, and then stands in brackets. */
static const char *
find_port(const char *host)
{
    const char *colon = strrchr(host, ':');

    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") < strlen(colon + 1))
        return NULL;
    return colon[-1] == ']' || strchr(host, ':') == colon ? colon + 1 : NULL;
}

/* As ssh has it, without the port, and without brackets. */
static char *
ssh_name(const char *host, const char *port)
{
    g_autofree char *name = port ? g_strndup(host, (gsize)(port - 1 - host)) : g_strdup(host);
    GString *text = g_string_new(NULL);

    for (const char *c = name; *c; c++)
        if (*c != '[' && *c != ']')
            g_string_append_c(text, *c);
    return g_string_free(text, FALSE);
}

/* Some want a terminal: an editor, a password. */
char *
vs_own_command_there(const VsCtl *ctl, const char *line)
{
    const char *host = ctl->client.host, *port = host && *host ? find_port(host) : NULL;
    g_autofree char *name = host ? ssh_name(host, port) : NULL;
    g_autofree char *word = host ? vs_own_command_word(name) : NULL;
    g_autofree char *quoted = g_shell_quote(line);

    if (!host)
        return g_strdup(line);
    return port ? g_strdup_printf("ssh -t -p %s %s %s", port, word, quoted)
                : g_strdup_printf("ssh -t %s %s", word, quoted);
}

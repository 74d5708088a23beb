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

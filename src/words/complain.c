/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/complain.h"

#include <stdio.h>

#include "util/i18n.h"
#include "util/text.h"
#include "words/plain.h"

void
vs_complain(const char *format, ...)
{
    g_autofree char *text = NULL, *plain = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    plain = vs_plain_text(text);
    fflush(stdout);
    fprintf(stderr, "%s\n", plain);
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
vs_complain_of(const char *what, const GError *error)
{
    g_autofree char *message = message_printable(error->message);
    g_autofree char *name = vs_text_printable(what);

    if (what)
        vs_complain("%s: %s", name, message);
    else
        vs_complain("%s", message);
    return vs_exit_of_error(error);
}

void
vs_complain_of_away(const GPtrArray *away)
{
    for (unsigned i = 0; away && i < away->len; i++) {
        g_autofree char *quoted = vs_text_quoted(g_ptr_array_index(away, i));
        vs_complain(_("libvirt at %s isn't connected: what runs there is not stopped."), quoted);
    }
}

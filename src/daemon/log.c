/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/log.h"

#include <stdio.h>
#include <stdlib.h>

void
vs_log(int level, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);

    if (getenv("JOURNAL_STREAM"))
        fprintf(stderr, "<%d>%s\n", level, message);
    else
        fprintf(stderr, "virtstopd: %s\n", message);
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

static void
on_glib_log(const char *domain, GLogLevelFlags flags, const char *message, void *userdata)
{
    if (level_of(flags) < LOG_DEBUG)
        vs_log(level_of(flags), "%s", message);
}

void
vs_log_adopt_glib(void)
{
    g_log_set_default_handler(on_glib_log, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/when.h"

#include <glib.h>

#include "util/span.h"

static char *
format(int64_t realtime_usec, const char *how)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(realtime_usec / VS_USEC_PER_SEC);
    char *text = time ? g_date_time_format(time, how) : NULL;

    return text ? text : g_strdup("?");
}

char *
vs_when_time(int64_t realtime_usec)
{
    return format(realtime_usec, "%Y-%m-%d %H:%M:%S");
}

char *
vs_when_zoned(int64_t realtime_usec)
{
    return format(realtime_usec, "%Y-%m-%d %H:%M:%S %Z");
}

char *
vs_when_exact(int64_t realtime_usec)
{
    int64_t part = realtime_usec % VS_USEC_PER_SEC; /* less than none before 1970 */
    int64_t fraction = part < 0 ? part + VS_USEC_PER_SEC : part;
    g_autofree char *time = vs_when_time(realtime_usec - fraction);

    return g_strdup_printf("%s.%03d", time, (int)(fraction / VS_USEC_PER_MSEC));
}

char *
vs_when_clock(int64_t realtime_usec)
{
    return format(realtime_usec, "%H:%M:%S");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/wallclock.h"

#include <glib.h>

#include "util/span.h"

/* The last microsecond of the year 9999, the first of the year 1: what four digits can say. */
#define LATEST   INT64_C(253402300799999999)
#define EARLIEST (INT64_C(-62135596800) * VS_USEC_PER_SEC)

char *
vs_wallclock_format(int64_t realtime_usec)
{
    int64_t usec = CLAMP(realtime_usec, EARLIEST, LATEST);
    int64_t fraction = usec % VS_USEC_PER_SEC;

    if (fraction < 0)
        fraction += VS_USEC_PER_SEC;

    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc((usec - fraction) / VS_USEC_PER_SEC);
    g_assert(time);
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", g_date_time_get_year(time),
                           g_date_time_get_month(time), g_date_time_get_day_of_month(time),
                           g_date_time_get_hour(time), g_date_time_get_minute(time),
                           g_date_time_get_second(time), (int)fraction);
}

/* Exactly @n digits. */
static bool
take_number(const char **p, int n, int *ret)
{
    int value = 0;

    for (int i = 0; i < n; i++, (*p)++) {
        if (!g_ascii_isdigit(**p))
            return false;
        value = value * 10 + (**p - '0');
    }
    *ret = value;
    return true;
}

static bool
take_char(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

/* ".123456"; nothing there is zero. Digits beyond microseconds are dropped. */
static bool
take_fraction(const char **p, int64_t *ret_usec)
{
    int64_t usec = 0, weight = VS_USEC_PER_SEC / 10;

    if (take_char(p, '.')) {
        if (!g_ascii_isdigit(**p))
            return false;
        for (; g_ascii_isdigit(**p); (*p)++, weight /= 10)
            usec += (**p - '0') * weight;
    }
    *ret_usec = usec;
    return true;
}

/* "Z", "+0000" or "+00:00". */
static bool
take_zone(const char **p, int64_t *ret_usec)
{
    int64_t sign = **p == '-' ? -1 : 1;
    int hours, minutes;

    if (take_char(p, 'Z')) {
        *ret_usec = 0;
        return true;
    }
    if (!take_char(p, '+') && !take_char(p, '-'))
        return false;
    if (!take_number(p, 2, &hours))
        return false;
    take_char(p, ':');
    if (!take_number(p, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_usec = sign * (hours * 60 + minutes) * 60 * VS_USEC_PER_SEC;
    return true;
}

static bool
take_date(const char **p, int *year, int *month, int *day)
{
    return take_number(p, 4, year) && take_char(p, '-') && take_number(p, 2, month) &&
           take_char(p, '-') && take_number(p, 2, day);
}

static bool
take_clock(const char **p, int *hour, int *minute, int *second)
{
    return take_number(p, 2, hour) && take_char(p, ':') && take_number(p, 2, minute) &&
           take_char(p, ':') && take_number(p, 2, second);
}

bool
vs_wallclock_parse(const char *text, int64_t *ret_realtime_usec, const char **ret_end)
{
    const char *p = text;
    int year, month, day, hour, minute, second;
    int64_t fraction, zone;

    if (!take_date(&p, &year, &month, &day) || (!take_char(&p, 'T') && !take_char(&p, ' ')) ||
        !take_clock(&p, &hour, &minute, &second) || !take_fraction(&p, &fraction) ||
        !take_zone(&p, &zone))
        return false;

    g_autoptr(GDateTime) time = g_date_time_new_utc(year, month, day, hour, minute, second);
    if (!time)
        return false;

    *ret_realtime_usec = g_date_time_to_unix(time) * VS_USEC_PER_SEC + fraction - zone;
    if (ret_end)
        *ret_end = p;
    return true;
}

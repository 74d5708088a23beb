/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/moment.h"

#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* As much of a day as was said. */
typedef struct Clock {
    int hour, minute;
    double seconds;
} Clock;

static GDateTime *
to_local(int64_t real)
{
    g_autoptr(GTimeZone) here = g_time_zone_new_local();
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(real / VS_USEC_PER_SEC);

    return utc ? g_date_time_to_timezone(utc, here) : NULL;
}

/* No more than @max digits, and one at least. */
static bool
take_number(const char **text, unsigned max, int *ret)
{
    const char *end = *text;

    for (*ret = 0; g_ascii_isdigit(*end) && end < *text + max; end++)
        *ret = *ret * 10 + (*end - '0');
    if (end == *text || g_ascii_isdigit(*end))
        return false;
    *text = end;
    return true;
}

static bool
take(const char **text, const char *word)
{
    if (!g_str_has_prefix(*text, word))
        return false;
    *text += strlen(word);
    return true;
}

static void
skip_spaces(const char **text)
{
    while (g_ascii_isspace(**text))
        (*text)++;
}

/* ".25" */
static double
take_fraction(const char **text)
{
    double part = 0.1, fraction = 0;

    if (**text != '.' || !g_ascii_isdigit((*text)[1]))
        return 0;
    for ((*text)++; g_ascii_isdigit(**text); (*text)++, part /= 10)
        fraction += part * (**text - '0');
    return fraction;
}

/* "10:00", "10:00:30.5" */
static bool
take_clock(const char **text, Clock *ret)
{
    const char *rest = *text;
    Clock clock = {0};
    int seconds = 0;

    if (!take_number(&rest, 2, &clock.hour) || !take(&rest, ":") ||
        !take_number(&rest, 2, &clock.minute))
        return false;
    if (take(&rest, ":")) {
        if (!take_number(&rest, 2, &seconds))
            return false;
        clock.seconds = seconds + take_fraction(&rest);
    }
    if (clock.hour > 23 || clock.minute > 59 || clock.seconds >= 60)
        return false;
    *text = rest;
    *ret = clock;
    return true;
}

/* "2026-11-28" */
static bool
take_date(const char **text, int *ret_year, int *ret_month, int *ret_day)
{
    const char *rest = *text;
    int year, month, day;

    if (!take_number(&rest, 4, &year) || rest - *text != 4 || !take(&rest, "-") ||
        !take_number(&rest, 2, &month) || !take(&rest, "-") || !take_number(&rest, 2, &day) ||
        !g_date_valid_dmy((GDateDay)day, month, (GDateYear)year))
        return false;
    *text = rest;
    *ret_year = year;
    *ret_month = month;
    *ret_day = day;
    return true;
}

/* 1: Monday; 0: none is said. */
static int
take_weekday(const char **text)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

    for (unsigned i = 0; i < G_N_ELEMENTS(days); i++)
        if (take(text, days[i])) {
            take(text, ",");
            skip_spaces(text);
            return (int)i + 1;
        }
    return 0;
}

/* "+02:00", "-0500", "+02" */
static bool
take_offset(const char **text)
{
    int hour, minute = 0;

    if (!take(text, "+") && !take(text, "-"))
        return false;
    if (strspn(*text, "0123456789") == 4)
        return take_number(text, 4, &hour) && hour / 100 < 24 && hour % 100 < 60;
    return take_number(text, 2, &hour) && hour < 24 &&
           (!take(text, ":") || (take_number(text, 2, &minute) && minute < 60));
}

/* Where it is so late; here, where nothing is said. NULL: that is no place. */
static GTimeZone *
take_zone(const char **text)
{
    const char *from = *text;

    skip_spaces(&from);
    *text = from;
    if (take(text, "UTC") || take(text, "Z"))
        return g_time_zone_new_utc();
    if (!*from)
        return g_time_zone_new_local();
    G_GNUC_BEGIN_IGNORE_DEPRECATIONS
    return take_offset(text) ? g_time_zone_new(from) : NULL;
    G_GNUC_END_IGNORE_DEPRECATIONS
}

static bool
parse_span(const char *text, int64_t *ret)
{
    return vs_span_parse(text, ret, NULL) && *ret != VS_USEC_INFINITY;
}

/* "-2h", "2h ago", "+5min", "5min left", "@1795600000" */
static bool
parse_distance(const char *text, int64_t now, int64_t *ret)
{
    g_autofree char *span = NULL;
    int64_t distance;
    int sign = -1;

    if (g_str_has_suffix(text, " ago")) {
        span = g_strndup(text, strlen(text) - strlen(" ago"));
    } else if (g_str_has_suffix(text, " left")) {
        span = g_strndup(text, strlen(text) - strlen(" left"));
        sign = 1;
    } else if (*text == '-' || *text == '+' || *text == '@') {
        span = g_strdup(text + 1);
        sign = *text == '-' ? -1 : 1;
        now = *text == '@' ? 0 : now;
    }
    if (!span || !parse_span(span, &distance) || distance > INT64_MAX - now)
        return false;
    *ret = now + sign * distance;
    return true;
}

/* "yesterday": the day is another one than today's by so much. */
static bool
take_day_word(const char **text, int *ret_days)
{
    static const struct {
        const char *word;
        int days;
    } words[] = {{"today", 0}, {"yesterday", -1}, {"tomorrow", 1}};

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
        if (take(text, words[i].word)) {
            *ret_days = words[i].days;
            return true;
        }
    return false;
}

/* "yesterday 10:00", "2026-11-28T10:00:00Z", "10:00" */
static bool
parse_calendar(const char *text, int64_t now, int64_t *ret)
{
    g_autoptr(GDateTime) today = to_local(now), day = NULL, time = NULL;
    g_autoptr(GTimeZone) zone = NULL;
    int year = 0, month, date, days = 0, weekday;
    Clock clock = {0};
    bool has_day, needs_clock;

    weekday = take_weekday(&text);
    has_day = take_day_word(&text, &days) || take_date(&text, &year, &month, &date);
    needs_clock = !has_day || take(&text, "T");
    if (!needs_clock)
        skip_spaces(&text);
    if (!take_clock(&text, &clock) && needs_clock)
        return false;
    zone = take_zone(&text);
    skip_spaces(&text);
    if (!zone || *text || !today)
        return false;
    if (year == 0) {
        day = g_date_time_add_days(today, days);
        g_date_time_get_ymd(day, &year, &month, &date);
    }
    time = g_date_time_new(zone, year, month, date, clock.hour, clock.minute, clock.seconds);
    if (!time || (weekday > 0 && g_date_time_get_day_of_week(time) != weekday))
        return false;
    *ret = g_date_time_to_unix(time) * VS_USEC_PER_SEC + g_date_time_get_microsecond(time);
    return true;
}

bool
vs_moment_parse(const char *text, int64_t now, int64_t *ret_real, GError **error)
{
    g_autofree char *bare = g_strstrip(g_strdup(text)), *quoted = vs_text_quoted(text);

    if (g_str_equal(bare, "now")) {
        *ret_real = now;
        return true;
    }
    if (parse_distance(bare, now, ret_real) || parse_calendar(bare, now, ret_real))
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s is no time: now, today, yesterday, -2h, “2h ago”, 10:00, 2026-11-28, "
                  "“2026-11-28 10:00”, 2026-11-28T10:00:00Z and the like are allowed"),
                quoted);
    return false;
}

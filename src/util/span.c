/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/span.h"

#include <inttypes.h>
#include <string.h>

#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

#define SECOND VS_USEC_PER_SEC
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)
#define YEAR   (365 * DAY + DAY / 4)
#define MONTH  (YEAR / 12)

#define WHITESPACE " \t\n\r"
#define DIGITS     "0123456789"
#define FOREVER    "infinity"

typedef struct Unit {
    const char *name;
    int64_t usec;
} Unit;

/* As man 7 systemd.time has them. Micro sign and Greek letter look alike: both are taken. */
static const Unit units[] = {
    {"usec", 1},       {"us", 1},        {"µs", 1},           {"μs", 1},
    {"msec", 1000},    {"ms", 1000},     {"seconds", SECOND}, {"second", SECOND},
    {"sec", SECOND},   {"s", SECOND},    {"minutes", MINUTE}, {"minute", MINUTE},
    {"min", MINUTE},   {"m", MINUTE},    {"hours", HOUR},     {"hour", HOUR},
    {"hr", HOUR},      {"h", HOUR},      {"days", DAY},       {"day", DAY},
    {"d", DAY},        {"weeks", WEEK},  {"week", WEEK},      {"w", WEEK},
    {"months", MONTH}, {"month", MONTH}, {"M", MONTH},        {"years", YEAR},
    {"year", YEAR},    {"y", YEAR},
};

/* The units that spans are written in. */
static const Unit written[] = {
    {"w", WEEK}, {"d", DAY}, {"h", HOUR}, {"min", MINUTE}, {"s", SECOND}, {"ms", 1000}, {"us", 1},
};

static const char *
skip_space(const char *p)
{
    return p + strspn(p, WHITESPACE);
}

static bool
fail(const char *text, const char *why, const char *where, size_t where_len, GError **error)
{
    g_autofree char *cut = g_strndup(where, where_len);
    g_autofree char *quoted_text = vs_text_quoted(text), *quoted_where = vs_text_quoted(cut);
    g_autofree char *problem = g_strdup_printf(why, quoted_where);

    /* TRANSLATORS: the text, and one of the problems below. */
    g_set_error(
        error, VS_ERROR, VS_ERROR_INVALID,
        _("%s is not a time span: %s (allowed: us, ms, s, min, h, d, w, or a plain number of "
          "seconds)"),
        quoted_text, problem);
    return false;
}

static const Unit *
find_unit(const char *word, size_t len)
{
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strlen(units[i].name) == len && memcmp(units[i].name, word, len) == 0)
            return &units[i];
    return NULL;
}

/* The digits at @number, and those of a fraction behind them, times @unit. False where it
 * overflows. */
static bool
multiply(const char *number, int64_t unit, int64_t *ret)
{
    int64_t sum = 0, value;
    const char *p = number;

    for (; g_ascii_isdigit(*p); p++)
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, *p - '0', &sum))
            return false;
    if (__builtin_mul_overflow(sum, unit, &value))
        return false;
    if (*p == '.')
        for (p++, unit /= 10; g_ascii_isdigit(*p); p++, unit /= 10)
            if (__builtin_add_overflow(value, (*p - '0') * unit, &value))
                return false;
    *ret = value;
    return true;
}

/* Skips "12", "1.5" or ".5"; NULL where there is none. */
static const char *
skip_number(const char *p)
{
    size_t whole = strspn(p, DIGITS);

    p += whole;
    if (*p == '.') {
        size_t fraction = strspn(p + 1, DIGITS);

        return fraction > 0 ? p + 1 + fraction : NULL;
    }
    return whole > 0 ? p : NULL;
}

/* One number with its unit at *@p, which is moved behind it, is added to *@sum. */
static bool
parse_part(const char *text, const char **p, int64_t *sum, GError **error)
{
    const char *number = *p, *end = skip_number(number);
    int64_t unit = SECOND, value;

    if (!end)
        return fail(text, *number == '-' ? _("%s is negative") : _("%s is no number"), number,
                    strlen(number), error);

    const char *word = skip_space(end);
    size_t len = strcspn(word, WHITESPACE DIGITS ".+-");
    if (len > 0) {
        const Unit *found = find_unit(word, len);

        if (!found)
            return fail(text, _("unknown unit %s"), word, len, error);
        unit = found->usec;
    } else if (word == end && *word)
        return fail(text, _("no unit at %s"), word, strlen(word), error);

    if (!multiply(number, unit, &value) || __builtin_add_overflow(*sum, value, sum) ||
        *sum == VS_USEC_INFINITY)
        return fail(text, _("%s is too long a time"), number, (size_t)(word + len - number), error);
    *p = skip_space(word + len);
    return true;
}

bool
vs_span_parse(const char *text, int64_t *ret_usec, GError **error)
{
    const char *p = skip_space(text);
    int64_t sum = 0;

    if (g_str_has_prefix(p, FOREVER) && !*skip_space(p + strlen(FOREVER))) {
        *ret_usec = VS_USEC_INFINITY;
        return true;
    }
    do {
        if (!parse_part(text, &p, &sum, error))
            return false;
    } while (*p);
    *ret_usec = sum;
    return true;
}

char *
vs_span_format(int64_t usec, bool compact)
{
    if (usec == VS_USEC_INFINITY)
        return g_strdup(FOREVER);
    if (usec == 0)
        return g_strdup("0s");

    GString *out = g_string_new(usec < 0 ? "-" : NULL);
    uint64_t rest = usec < 0 ? -(uint64_t)usec : (uint64_t)usec;
    const char *separator = "";

    for (size_t i = 0; i < G_N_ELEMENTS(written); i++) {
        uint64_t unit = (uint64_t)written[i].usec;

        if (rest < unit)
            continue;
        g_string_append_printf(out, "%s%" PRIu64 "%s", separator, rest / unit, written[i].name);
        rest %= unit;
        separator = compact ? "" : " ";
    }
    return g_string_free(out, FALSE);
}

/* The units that people read, and the words for them. */
static const struct {
    int64_t usec;
    const char *format;
} said[] = {
    {DAY, N_("%d d")},
    {HOUR, N_("%d h")},
    {MINUTE, N_("%d min")},
    {SECOND, N_("%d s")},
};

/* @seconds in its two largest units. */
static char *
say_seconds(int64_t seconds)
{
    g_autoptr(GString) out = g_string_new(NULL);
    int64_t rest = seconds * SECOND;
    size_t i = 0;

    while (rest < said[i].usec)
        i++;
    for (size_t end = MIN(i + 2, G_N_ELEMENTS(said)); i < end; i++) {
        if (rest >= said[i].usec)
            g_string_append(out, out->len > 0 ? " " : "");
        if (rest >= said[i].usec)
            g_string_append_printf(out, _(said[i].format), (int)(rest / said[i].usec));
        rest %= said[i].usec;
    }
    return g_strdup(out->str);
}

char *
vs_span_say(int64_t usec)
{
    int64_t tenths;

    if (usec == VS_USEC_INFINITY)
        return g_strdup(_("no limit"));
    if (usec <= 0)
        return g_strdup_printf(_("%d s"), 0);
    if (usec < SECOND / 10)
        return g_strdup_printf(_("%d ms"), (int)(usec / 1000));
    if (usec >= MINUTE)
        return say_seconds(usec / SECOND);
    tenths = (usec + SECOND / 20) / (SECOND / 10);
    return tenths % 10 != 0 ? g_strdup_printf(_("%.1f s"), (double)tenths / 10)
                            : say_seconds(tenths / 10);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/span.h"

#include <string.h>

#include "util/error.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC
#define DAY (INT64_C(86400) * SEC)

typedef struct Case {
    const char *text;
    int64_t usec;
} Case;

static int64_t
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    int64_t usec = -1;

    vs_test_note(text);
    vs_span_parse(text, &usec, &error);
    g_assert_no_error(error);
    return usec;
}

static void
check_cases(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        g_assert_cmpint(parse(cases[i].text), ==, cases[i].usec);
}

/* The message of the error that @text must be; @ret_usec stays as it is. */
static char *
refuse(const char *text)
{
    g_autoptr(GError) error = NULL;
    int64_t usec = -42;

    vs_test_note(text);
    g_assert_false(vs_span_parse(text, &usec, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_cmpint(usec, ==, -42);
    return g_strdup(error->message);
}

static void
test_units(void)
{
    static const Case cases[] = {
        {"3us", 3},
        {"3usec", 3},
        {"3µs", 3},
        {"3μs", 3},
        {"3ms", 3000},
        {"3msec", 3000},
        {"3s", 3 * SEC},
        {"3sec", 3 * SEC},
        {"3second", 3 * SEC},
        {"3seconds", 3 * SEC},
        {"3m", 180 * SEC},
        {"3min", 180 * SEC},
        {"3minute", 180 * SEC},
        {"3minutes", 180 * SEC},
        {"3h", 10800 * SEC},
        {"3hr", 10800 * SEC},
        {"3hour", 10800 * SEC},
        {"3hours", 10800 * SEC},
        {"3d", 3 * DAY},
        {"3day", 3 * DAY},
        {"3days", 3 * DAY},
        {"3w", 21 * DAY},
        {"3week", 21 * DAY},
        {"3weeks", 21 * DAY},
        {"1M", 2629800 * SEC},
        {"1month", 2629800 * SEC},
        {"2months", 5259600 * SEC},
        {"1y", 31557600 * SEC},
        {"1year", 31557600 * SEC},
        {"2years", 63115200 * SEC},
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

/* The examples of man 7 systemd.time, and what else it allows. */
static void
test_forms(void)
{
    static const Case cases[] = {
        {"90", 90 * SEC},
        {"0", 0},
        {"2 h", 7200 * SEC},
        {"2hours", 7200 * SEC},
        {"48hr", 172800 * SEC},
        {"1y 12month", 63115200 * SEC},
        {"55s500ms", 55500000},
        {"300ms20s 5day", 5 * DAY + 20300000},
        {"1min 30s", 90 * SEC},
        {"1min30s", 90 * SEC},
        {"1min 30", 90 * SEC},
        {" \t1min \n 30s ", 90 * SEC},
        {"1.5s", 1500000},
        {"1.5", 1500000},
        {".5s", 500000},
        {"0.25 h", 900 * SEC},
        {"1.000001s", 1000001},
        {"1.0000019s", 1000001},
        {"1.9us", 1},
        {"infinity", VS_USEC_INFINITY},
        {" infinity ", VS_USEC_INFINITY},
        {"9223372036854775806us", INT64_MAX - 1},
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_overflow(void)
{
    static const char *const texts[] = {
        "9223372036854775807us",
        "9223372036854775808us",
        "99999999999999999999999999999999s",
        "9223372036854775s",
        "300000y",
        "292000y 292000y",
        "9223372036854.9s",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *message = refuse(texts[i]);
        g_assert_nonnull(strstr(message, "is too long a time"));
    }
}

static void
test_malformed(void)
{
    static const char *const texts[] = {
        "",          " ",         "s",       "abc",         "-5",          "-5s",   "+5s",
        "5-3s",      "1,5s",      "1..5s",   "1.s",         ".s",          ".",     "1.5.5",
        "10parsecs", "1S",        "1Min",    "1µ",          "1 m in",      "0x10",  "1e3",
        "5s;",       "5s\x1b[2J", "infinit", "infinity 1s", "1s infinity", "5\xff",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *message = refuse(texts[i]);
        g_assert_nonnull(strstr(message, "(allowed: us, ms, s, min, h, d, w, or a plain number of "
                                         "seconds)"));
        g_assert_true(g_utf8_validate(message, -1, NULL));
        g_assert_null(strchr(message, '\x1b'));
    }
}

static void
test_message(void)
{
    g_autofree char *unit = refuse("10 parsecs");
    g_autofree char *negative = refuse("1h -5s");
    g_autofree char *word = refuse("soon");

    g_assert_cmpstr(
        unit, ==,
        "“10 parsecs” is not a time span: unknown unit “parsecs” (allowed: us, ms, s, min, "
        "h, d, w, or a plain number of seconds)");
    g_assert_nonnull(strstr(negative, "“1h -5s” is not a time span: “-5s” is negative ("));
    g_assert_nonnull(strstr(word, "“soon” is no number ("));
}

static void
check_format(int64_t usec, const char *spaced, const char *compact)
{
    g_autofree char *one = vs_span_format(usec, false);
    g_autofree char *two = vs_span_format(usec, true);

    g_assert_cmpstr(one, ==, spaced);
    g_assert_cmpstr(two, ==, compact);
    if (usec >= 0) {
        g_assert_cmpint(parse(one), ==, usec);
        g_assert_cmpint(parse(two), ==, usec);
    }
}

static void
test_format(void)
{
    check_format(0, "0s", "0s");
    check_format(1, "1us", "1us");
    check_format(500000, "500ms", "500ms");
    check_format(60 * SEC, "1min", "1min");
    check_format(90 * SEC, "1min 30s", "1min30s");
    check_format(7200 * SEC, "2h", "2h");
    check_format(15 * DAY + 1, "2w 1d 1us", "2w1d1us");
    check_format(VS_USEC_INFINITY, "infinity", "infinity");
    check_format(INT64_MAX - 1, "15250284w 3d 4h 54s 775ms 806us", "15250284w3d4h54s775ms806us");
    check_format(-90 * SEC, "-1min 30s", "-1min30s");
    check_format(INT64_MIN, "-15250284w 3d 4h 54s 775ms 808us", "-15250284w3d4h54s775ms808us");
}

static void
check_say(int64_t usec, const char *expected)
{
    g_autofree char *text = vs_span_say(usec);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_say(void)
{
    check_say(-SEC, "0 s");
    check_say(0, "0 s");
    check_say(99999, "99 ms");
    check_say(100000, "0.1 s");
    check_say(SEC - 1, "1 s");
    check_say(3210000, "3.2 s");
    check_say(9950000, "10 s");
    check_say(30020000, "30 s");
    check_say(45678000, "45.7 s");
    check_say(60 * SEC - 1, "1 min");
    check_say(60 * SEC, "1 min");
    check_say(90 * SEC + 999999, "1 min 30 s");
    check_say(3600 * SEC + 30 * SEC, "1 h");
    check_say(2 * 3600 * SEC + 300 * SEC, "2 h 5 min");
    check_say(15 * DAY + 3600 * SEC, "15 d 1 h");
    check_say(INT64_MAX - 1, "106751991 d 4 h");
    check_say(VS_USEC_INFINITY, "no limit");
}

static void
test_round_trip(void)
{
    for (int i = 0; i < 10000; i++) {
        uint64_t bits = (uint64_t)(uint32_t)g_test_rand_int() << 32 | (uint32_t)g_test_rand_int();
        int64_t usec = (int64_t)(bits >> g_test_rand_int_range(1, 64)), again;
        g_autofree char *text = vs_span_format(usec, i % 2);

        g_assert_true(vs_span_parse(text, &again, NULL));
        g_assert_cmpint(again, ==, usec);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/span/units", test_units);
    g_test_add_func("/span/forms", test_forms);
    g_test_add_func("/span/overflow", test_overflow);
    g_test_add_func("/span/malformed", test_malformed);
    g_test_add_func("/span/message", test_message);
    g_test_add_func("/span/format", test_format);
    g_test_add_func("/span/say", test_say);
    g_test_add_func("/span/round-trip", test_round_trip);
    return g_test_run();
}

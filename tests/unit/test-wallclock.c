/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/wallclock.h"

#include "util/span.h"
#include "vs-test.h"

#define SEC VS_USEC_PER_SEC

/* 2026-11-23T02:10:00Z */
#define SOME_TIME (INT64_C(1795399800) * SEC)

static void
check_format(int64_t usec, const char *expected)
{
    g_autofree char *text = vs_wallclock_format(usec);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_format(void)
{
    check_format(0, "1970-01-01T00:00:00.000000Z");
    check_format(SOME_TIME + 123456, "2026-11-23T02:10:00.123456Z");
    check_format(INT64_C(1709164800) * SEC, "2024-02-29T00:00:00.000000Z");
    check_format(-1, "1969-12-31T23:59:59.999999Z");
    check_format(-SEC, "1969-12-31T23:59:59.000000Z");
}

/* Nothing that a broken clock says may end the daemon, or need five digits. */
static void
test_extremes(void)
{
    check_format(INT64_MAX, "9999-12-31T23:59:59.999999Z");
    check_format(INT64_MIN, "0001-01-01T00:00:00.000000Z");
}

static void
check_parse(const char *text, int64_t expected, const char *rest)
{
    int64_t usec = -42;
    const char *end = NULL;

    vs_test_note(text);
    g_assert_true(vs_wallclock_parse(text, &usec, &end));
    g_assert_cmpint(usec, ==, expected);
    g_assert_cmpstr(end, ==, rest);
    g_assert_true(vs_wallclock_parse(text, &usec, NULL));
}

static void
test_parse(void)
{
    check_parse("2026-11-23T02:10:00.123456Z", SOME_TIME + 123456, "");
    check_parse("2026-11-23T02:10:00.123456Z qemu-system-x86_64: terminating on signal 15",
                SOME_TIME + 123456, " qemu-system-x86_64: terminating on signal 15");
    check_parse("2026-11-23 02:10:00.711+0000: shutting down, reason=shutdown", SOME_TIME + 711000,
                ": shutting down, reason=shutdown");
    check_parse("2026-11-23T02:10:00Z", SOME_TIME, "");
    check_parse("2026-11-23T02:10:00.1234569Z", SOME_TIME + 123456, "");
    check_parse("2026-11-23 04:10:00.5+0200", SOME_TIME + 500000, "");
    check_parse("2026-11-22T20:40:00-05:30", SOME_TIME, "");
    check_parse("1969-12-31T23:59:59.999999Z", -1, "");
}

static void
test_malformed(void)
{
    static const char *const texts[] = {
        "",
        "shutting down",
        " 2026-11-23T02:10:00Z",
        "2026-11-23",
        "2026-11-23T02:10:00",
        "2026-11-23T02:10:00.Z",
        "2026-11-23T02:10Z",
        "2026-11-23T02:10:00+00",
        "2026-11-23T02:10:00+2400",
        "2026-11-23T02:10:00+0060",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T02:60:00Z",
        "2026-11-23T02:10:60Z",
        "0000-01-01T00:00:00Z",
        "26-11-23T02:10:00Z",
        "2026-11-2T302:10:00Z",
        "+026-11-23T02:10:00Z",
        "2026-11-23t02:10:00Z",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        int64_t usec = -42;
        const char *end = NULL;

        vs_test_note(texts[i]);
        g_assert_false(vs_wallclock_parse(texts[i], &usec, &end));
        g_assert_cmpint(usec, ==, -42);
        g_assert_null(end);
    }
}

static void
test_round_trip(void)
{
    for (int i = 0; i < 10000; i++) {
        int64_t usec = (int64_t)g_test_rand_double_range(-6.2e16, 2.5e17), again;
        g_autofree char *text = vs_wallclock_format(usec);

        g_assert_true(vs_wallclock_parse(text, &again, NULL));
        g_assert_cmpint(again, ==, usec);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/wallclock/format", test_format);
    g_test_add_func("/wallclock/extremes", test_extremes);
    g_test_add_func("/wallclock/parse", test_parse);
    g_test_add_func("/wallclock/malformed", test_malformed);
    g_test_add_func("/wallclock/round-trip", test_round_trip);
    return g_test_run();
}

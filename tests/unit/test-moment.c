/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/moment.h"
#include "util/span.h"
#include "vs-test.h"

/* 2026-11-29 03:30:00.5 UTC, a Sunday; in Berlin it is 04:30. */
#define NOW (INT64_C(1795923000) * VS_USEC_PER_SEC + 500000)

static void
test_good(void)
{
    static const struct {
        const char *text, *expected; /* the latter in UTC */
    } cases[] = {
        {"now", "2026-11-29T03:30:00.5Z"},
        {"today", "2026-11-28T23:00:00Z"},
        {"yesterday", "2026-11-27T23:00:00Z"},
        {"tomorrow", "2026-11-29T23:00:00Z"},
        {"yesterday 10:00", "2026-11-28T09:00:00Z"},
        {"-2h", "2026-11-29T01:30:00.5Z"},
        {"-1h 30min", "2026-11-29T02:00:00.5Z"},
        {"+5min", "2026-11-29T03:35:00.5Z"},
        {"2h ago", "2026-11-29T01:30:00.5Z"},
        {"1d left", "2026-11-30T03:30:00.5Z"},
        {"@1795923000", "2026-11-29T03:30:00Z"},
        {"10:00", "2026-11-29T09:00:00Z"},
        {"10:00 UTC", "2026-11-29T10:00:00Z"},
        {"2026-11-28", "2026-11-27T23:00:00Z"},
        {"2026-11-28 10:00", "2026-11-28T09:00:00Z"},
        {"  2026-11-28   10:00:30.25 ", "2026-11-28T09:00:30.25Z"},
        {"Sat 2026-11-28 10:00:00", "2026-11-28T09:00:00Z"},
        {"Sat, 2026-11-28", "2026-11-27T23:00:00Z"},
        {"2026-11-28 10:00:00 UTC", "2026-11-28T10:00:00Z"},
        {"2026-11-28T10:00:00.000250Z", "2026-11-28T10:00:00.00025Z"},
        {"2026-11-28T10:00:00+02:00", "2026-11-28T08:00:00Z"},
        {"2026-11-28 10:00 -0500", "2026-11-28T15:00:00Z"},
        {"2026-07-01 12:00", "2026-07-01T10:00:00Z"}, /* in summer it is two hours */
        {"1960-01-01 00:00 UTC", "1960-01-01T00:00:00Z"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(cases[i].expected, NULL);
        int64_t expected =
            g_date_time_to_unix(time) * VS_USEC_PER_SEC + g_date_time_get_microsecond(time);
        g_autoptr(GError) error = NULL;
        int64_t real = 0;

        vs_moment_parse(cases[i].text, NOW, &real, &error);
        g_assert_no_error(error);
        if (real != expected)
            g_error("%s: %" G_GINT64_FORMAT " µs off", cases[i].text, real - expected);
    }
}

static void
test_bad(void)
{
    static const char *const texts[] = {
        "Mon 2026-11-28",
        "Mon 10:00",
        "",
        "soon",
        "2h",
        "-",
        "+",
        "@",
        "-2parsecs",
        "-infinity",
        "25:00",
        "10:60",
        "10:00:61",
        "2026-13-01",
        "2026-02-30",
        "26-11-28",
        "2026-11-28 ten",
        "2026-11-28T",
        "2026-11-28 10:00 CEST",
        "2026-11-28 10:00 +99:00",
        "10:00 11:00",
        "ago",
        "yesterdayish",
        "2026-11-28Z10",
        "99999-01-01",
        "@99999999999999999999",
        "\xff",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        int64_t real = 0;

        if (vs_moment_parse(texts[i], NOW, &real, &error))
            g_error("“%s” is taken for %" G_GINT64_FORMAT, texts[i], real);
        g_assert_nonnull(strstr(error->message, "yesterday"));
    }
}

int
main(int argc, char **argv)
{
    g_setenv("TZ", "Europe/Berlin", TRUE);
    vs_test_init(&argc, &argv);
    g_test_add_func("/moment/good", test_good);
    g_test_add_func("/moment/bad", test_bad);
    return g_test_run();
}

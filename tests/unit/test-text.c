/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/text.h"

#include <string.h>

#include "vs-test.h"

static void
check_printable(const char *text, const char *expected)
{
    g_autofree char *printable = vs_text_printable(text);

    g_assert_cmpstr(printable, ==, expected);
}

static void
test_plain(void)
{
    check_printable(NULL, "");
    check_printable("", "");
    check_printable("web1", "web1");
    check_printable("it's \"the\" web 1/..", "it's \"the\" web 1/..");
    check_printable("Büro 数据库 👩‍💻", "Büro 数据库 👩‍💻");
}

static void
test_control(void)
{
    check_printable("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd");
    check_printable("\x1b[2J\x1b]0;title\a", "\\x1b[2J\\x1b]0;title\\x07");
    check_printable("\x01\x1f\x7f", "\\x01\\x1f\\x7f");
    check_printable("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\u{80}\\u{9b}\\u{9f}\xc2\xa0");
    check_printable("a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c");
}

static void
test_bidi(void)
{
    check_printable("a\u061cb\u200eb\u200f", "a\\u{61c}b\\u{200e}b\\u{200f}");
    check_printable("\u202a\u202b\u202c\u202d\u202e",
                    "\\u{202a}\\u{202b}\\u{202c}\\u{202d}\\u{202e}");
    check_printable("\u2066\u2067\u2068\u2069", "\\u{2066}\\u{2067}\\u{2068}\\u{2069}");
}

/* Bytes that are no UTF-8: lone, cut short, overlong, a surrogate, beyond Unicode. */
static void
test_bytes(void)
{
    check_printable("a\xff\xfez", "a\\xff\\xfez");
    check_printable("\x80", "\\x80");
    check_printable("\xe6\x95", "\\xe6\\x95");
    check_printable("\xe6\x95z", "\\xe6\\x95z");
    check_printable("\xc0\xaf", "\\xc0\\xaf");
    check_printable("\xed\xa0\x80", "\\xed\\xa0\\x80");
    check_printable("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
}

/* No two texts look the same: a name can't pose as another by writing out the escape. */
static void
test_backslash(void)
{
    check_printable("\\", "\\\\");
    check_printable("a\\x0a", "a\\\\x0a");
}

static void
test_quoted(void)
{
    g_autofree char *plain = vs_text_quoted("web 1");
    g_autofree char *rude = vs_text_quoted("web\n\xff");
    g_autofree char *none = vs_text_quoted(NULL);

    g_assert_cmpstr(plain, ==, "“web 1”");
    g_assert_cmpstr(rude, ==, "“web\\x0a\\xff”");
    g_assert_cmpstr(none, ==, "“”");
}

/* Whatever goes in: UTF-8 without a control character comes out. */
static void
test_random_bytes(void)
{
    for (int round = 0; round < 2000; round++) {
        char text[33];

        for (int i = 0; i < 32; i++)
            text[i] = (char)g_test_rand_int_range(1, 256);
        text[32] = '\0';

        g_autofree char *printable = vs_text_printable(text);
        g_assert_true(g_utf8_validate(printable, -1, NULL));
        for (const char *p = printable; *p; p = g_utf8_next_char(p))
            g_assert_false(g_unichar_iscntrl(g_utf8_get_char(p)));
    }
}

static void
test_columns(void)
{
    g_assert_cmpuint(vs_text_columns(""), ==, 0);
    g_assert_cmpuint(vs_text_columns("web1"), ==, 4);
    g_assert_cmpuint(vs_text_columns("Büro"), ==, 4);
    g_assert_cmpuint(vs_text_columns("数据库"), ==, 6);
    g_assert_cmpuint(vs_text_columns("e\u0301"), ==, 1);
    g_assert_cmpuint(vs_text_columns("…"), ==, 1);
}

static void
check_fit(const char *text, size_t columns, const char *expected)
{
    g_autofree char *fit = vs_text_fit(text, columns);

    g_assert_cmpstr(fit, ==, expected);
    g_assert_cmpuint(vs_text_columns(fit), ==, columns);
}

static void
test_fit(void)
{
    check_fit("", 0, "");
    check_fit("", 3, "   ");
    check_fit("web1", 6, "web1  ");
    check_fit("web1", 4, "web1");
    check_fit("web1", 3, "we…");
    check_fit("web1", 1, "…");
    check_fit("web1", 0, "");
    check_fit("数据库", 6, "数据库");
    check_fit("数据库", 5, "数据…");
    check_fit("数据库", 4, "数… ");
    check_fit("数据库", 2, "… ");
    check_fit("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301");
    check_fit("e\u0301e\u0301e\u0301", 2, "e\u0301…");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/text/plain", test_plain);
    g_test_add_func("/text/control", test_control);
    g_test_add_func("/text/bidi", test_bidi);
    g_test_add_func("/text/bytes", test_bytes);
    g_test_add_func("/text/backslash", test_backslash);
    g_test_add_func("/text/quoted", test_quoted);
    g_test_add_func("/text/random-bytes", test_random_bytes);
    g_test_add_func("/text/columns", test_columns);
    g_test_add_func("/text/fit", test_fit);
    return g_test_run();
}

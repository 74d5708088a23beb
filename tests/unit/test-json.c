/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/json.h"

#include <string.h>

#include "util/error.h"
#include "vs-test.h"

static json_object *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_object *object = vs_json_parse_object(text, &error);

    g_assert_no_error(error);
    g_assert_nonnull(object);
    return object;
}

static char *
refuse(const char *text)
{
    g_autoptr(GError) error = NULL;

    vs_test_note(text);
    g_assert_null(vs_json_parse_object(text, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    return g_strdup(error->message);
}

static void
test_parse(void)
{
    g_autoptr(json_object) empty = parse("{}");
    g_autoptr(json_object) spaced = parse(" \t{\"a\" : [1, 2.5, null], \"b\": {\"c\": true}}\r\n");

    g_assert_cmpstr(vs_json_line(empty), ==, "{}");
    g_assert_cmpstr(vs_json_line(spaced), ==, "{\"a\":[1,2.5,null],\"b\":{\"c\":true}}");
}

static void
test_malformed(void)
{
    static const char *const texts[] = {
        "",
        " ",
        "[]",
        "\"text\"",
        "1",
        "null",
        "true",
        "{",
        "{\"a\"",
        "{\"a\":1",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1} x",
        "{\"a\":1}{}",
        "{\"a\":1}]",
        "{a:1}",
        "{\"a\":nan}",
        "{\"a\":01x}",
        "{\"a\":\"\\x\"}",
        "{} /**/",
        "{\"a\":\"\xff\"}",
        "\xef\xbb\xbf{}",
        "{\"a\":tru}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(refuse(texts[i]));
}

static void
test_message(void)
{
    g_autofree char *garbage = refuse("{\"a\":1} x");
    g_autofree char *cut = refuse("{\"a\":");
    g_autofree char *array = refuse("[1]");
    g_autofree char *bytes = refuse("{\"a\":\"\xff\"}");

    g_assert_cmpstr(garbage, ==, "Not JSON at byte 9: unexpected character");
    g_assert_cmpstr(cut, ==, "Not JSON: it ends too early, at byte 5");
    g_assert_cmpstr(array, ==, "A JSON object is needed, “{...}”, this is of the type “array”");
    g_assert_cmpstr(bytes, ==, "Not JSON: no UTF-8 at byte 7");
}

static char *
nested(int depth)
{
    GString *text = g_string_new("{\"a\":");

    for (int i = 1; i < depth; i++)
        g_string_append_c(text, '[');
    for (int i = 1; i < depth; i++)
        g_string_append_c(text, ']');
    g_string_append_c(text, '}');
    return g_string_free(text, FALSE);
}

static void
test_depth(void)
{
    g_autofree char *most = nested(30);
    g_autofree char *more = nested(40);
    g_autofree char *far_more = nested(100000);
    g_autoptr(json_object) object = parse(most);
    g_autofree char *message = refuse(more);

    g_assert_nonnull(strstr(message, "nesting too deep"));
    g_free(refuse(far_more));
}

static void
test_get(void)
{
    g_autoptr(json_object) object = parse(
        "{\"s\":\"text\",\"i\":-7,\"t\":true,\"f\":false,\"o\":{},\"a\":[],\"n\":null,\"d\":1.0}");
    int64_t i = 0;

    g_assert_cmpstr(vs_json_string(object, "s", "x"), ==, "text");
    g_assert_true(vs_json_int(object, "i", &i));
    g_assert_cmpint(i, ==, -7);
    g_assert_true(vs_json_bool(object, "t", false));
    g_assert_false(vs_json_bool(object, "f", true));
    g_assert_nonnull(vs_json_object(object, "o"));
    g_assert_nonnull(vs_json_array(object, "a"));
}

/* What is missing or of another type is not there; nothing is converted. */
static void
test_get_other(void)
{
    static const char *const keys[] = {"missing", "n", "s", "i", "t", "o", "a", "d"};
    g_autoptr(json_object) object =
        parse("{\"s\":\"1\",\"i\":1,\"t\":true,\"o\":{},\"a\":[],\"n\":null,\"d\":1.0}");

    for (size_t k = 0; k < G_N_ELEMENTS(keys); k++) {
        const char *key = keys[k];
        int64_t i = -42;

        if (*key != 's')
            g_assert_cmpstr(vs_json_string(object, key, "fallback"), ==, "fallback");
        if (*key != 'i') {
            g_assert_false(vs_json_int(object, key, &i));
            g_assert_cmpint(i, ==, -42);
        }
        if (*key != 't')
            g_assert_true(vs_json_bool(object, key, true) && !vs_json_bool(object, key, false));
        if (*key != 'o')
            g_assert_null(vs_json_object(object, key));
        if (*key != 'a')
            g_assert_null(vs_json_array(object, key));
    }
    g_assert_null(vs_json_string(NULL, "s", NULL));
    g_assert_null(vs_json_object(vs_json_array(object, "a"), "x"));
}

static void
test_large_numbers(void)
{
    g_autoptr(json_object) object = parse(
        "{\"max\":9223372036854775807,\"min\":-9223372036854775808,\"more\":9223372036854775808}");
    int64_t i;

    g_assert_true(vs_json_int(object, "max", &i));
    g_assert_cmpint(i, ==, INT64_MAX);
    g_assert_true(vs_json_int(object, "min", &i));
    g_assert_cmpint(i, ==, INT64_MIN);
    g_assert_false(vs_json_int(object, "more", &i));
}

/* A name with a NUL inside must not pass for the name before it. */
static void
test_nul(void)
{
    g_autoptr(json_object) object = parse("{\"name\":\"web1\\u0000evil\"}");

    g_assert_cmpstr(vs_json_string(object, "name", "none"), ==, "none");
}

static void
test_duplicate(void)
{
    g_autoptr(json_object) object = parse("{\"a\":\"first\",\"a\":\"last\"}");

    g_assert_cmpstr(vs_json_string(object, "a", NULL), ==, "last");
}

static void
test_set(void)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "s", "a/b \"c\"\n");
    vs_json_set_string(object, "null", NULL);
    vs_json_set_string(object, "bytes", "a\xff");
    vs_json_set_int(object, "i", INT64_MIN);
    vs_json_set_bool(object, "b", false);
    vs_json_set(object, "o", json_object_new_object());
    vs_json_set_int(object, "b", 1);
    g_assert_cmpstr(vs_json_line(object), ==,
                    "{\"s\":\"a/b \\\"c\\\"\\n\",\"null\":null,\"bytes\":\"a\uFFFD\","
                    "\"i\":-9223372036854775808,\"b\":1,\"o\":{}}");
}

/* Nobody else reads them, and what is read here is given out again. */
static void
test_no_number(void)
{
    g_autoptr(json_object) text = parse("{\"NaN\":\"I\\\"N\"}");
    g_autofree char *nan = refuse("{\"a\":NaN}"), *infinity = refuse("{\"a\":[-Infinity]}");

    g_assert_cmpstr(nan, ==, "Not JSON at byte 6: NaN, Infinity");
    g_assert_cmpstr(infinity, ==, "Not JSON at byte 8: NaN, Infinity");
}

/* A time that no clock measured is the nearest that one could. */
static void
test_msec(void)
{
    g_autoptr(json_object) object =
        parse("{\"a\":1500,\"b\":9223372036854775807,\"c\":-9223372036854775808,\"d\":1.5,"
              "\"e\":18446744073709551615}");
    int64_t usec = 7;

    g_assert_true(vs_json_msec(object, "a", &usec));
    g_assert_cmpint(usec, ==, 1500000);
    g_assert_true(vs_json_msec(object, "b", &usec));
    g_assert_cmpint(usec, >, INT64_C(1000000) * 60 * 60 * 24 * 365);
    g_assert_cmpint(usec, <, INT64_MAX / 1000);
    g_assert_true(vs_json_msec(object, "c", &usec));
    g_assert_cmpint(usec, ==, 0);
    g_assert_false(vs_json_msec(object, "d", &usec));
    g_assert_false(vs_json_msec(object, "e", &usec));
    g_assert_false(vs_json_msec(object, "f", &usec));
}

/* A terminal shows JSON as it is, and is not to obey what stands in it. */
static void
test_visible(void)
{
    static const char text[] =
        "{\n \"a\": \"\x7f\xc2\x9b[2J \xe2\x80\xae \xc3\xa9 \xf0\x9d\x84\x9e\"}";
    g_autofree char *visible = vs_json_visible(text);
    g_autoptr(json_object) object = parse(text), again = parse(visible);

    g_assert_cmpstr(visible, ==,
                    "{\n \"a\": \"\\u007f\\u009b[2J \\u202e \xc3\xa9 \xf0\x9d\x84\x9e\"}");
    g_assert_cmpstr(vs_json_line(object), ==, vs_json_line(again));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/json/parse", test_parse);
    g_test_add_func("/json/malformed", test_malformed);
    g_test_add_func("/json/message", test_message);
    g_test_add_func("/json/depth", test_depth);
    g_test_add_func("/json/get", test_get);
    g_test_add_func("/json/get-other", test_get_other);
    g_test_add_func("/json/large-numbers", test_large_numbers);
    g_test_add_func("/json/nul", test_nul);
    g_test_add_func("/json/duplicate", test_duplicate);
    g_test_add_func("/json/set", test_set);
    g_test_add_func("/json/no-number", test_no_number);
    g_test_add_func("/json/msec", test_msec);
    g_test_add_func("/json/visible", test_visible);
    return g_test_run();
}

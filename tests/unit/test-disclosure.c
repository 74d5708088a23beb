/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/disclosure.h"
#include "vs-test.h"

/* What of a record is told to whom. */

#define OTHERS                                                                                     \
    "{\"schema\":1,\"id\":\"a\",\"time\":\"t\",\"boot_id\":\"b\",\"uri\":\"u\",\"domain\":{"       \
    "\"name\":\"web1\"},"                                                                          \
    "\"cause\":\"destroyed\",\"clean\":false,\"confidence\":\"certain\",\"signal\":\"SIGTERM\","   \
    "\"killer\":{\"pid\":4711,\"comm\":\"secret-killer\"},\"initiator\":\"operator\","             \
    "\"request\":{\"stop\":\"s\",\"by\":{\"uid\":1000,\"user\":\"secret-user\",\"pid\":4,"         \
    "\"comm\":\"secret-comm\"},"                                                                   \
    "\"reason\":\"secret reason\",\"outcome\":\"forced\",\"steps\":[{\"method\":\"destroy\"}],"    \
    "\"to_come\":\"secret-more\"},\"host_shutdown\":false,\"took_ms\":5,"                          \
    "\"candidates\":[{\"pid\":1,\"comm\":\"secret-candidate\"}],"                                  \
    "\"evidence\":[{\"source\":\"qemu-log\",\"line\":\"secret-line\"}],\"to_come\":\"secret-"      \
    "new\"}"

static json_object *
read_as(const char *line, VsWithholding withholding, int64_t uid, char **ret_told)
{
    VsReader reader = {withholding, uid};
    json_object *record;

    *ret_told = vs_disclosure_line(line, &reader);
    g_assert_nonnull(*ret_told);
    record = vs_json_parse_object(*ret_told, NULL);
    g_assert_nonnull(record);
    return record;
}

/* "killer request.by": what was left out. */
static char *
left_out(json_object *record)
{
    json_object *keys = vs_json_array(vs_json_object(record, "withheld"), "keys");
    GString *text = g_string_new(NULL);

    for (size_t i = 0; keys && i < json_object_array_length(keys); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               json_object_get_string(json_object_array_get_idx(keys, i)));
    return g_string_free(text, FALSE);
}

static void
test_others(void)
{
    g_autofree char *told = NULL, *keys = NULL;
    g_autoptr(json_object) record = read_as(OTHERS, VS_WITHHOLDING_DENIED, VS_READER_NOBODY, &told);
    json_object *request = vs_json_object(record, "request");

    g_assert_null(strstr(told, "secret"));
    g_assert_null(strstr(told, "1000"));
    g_assert_null(strstr(told, "4711"));
    keys = left_out(record);
    g_assert_cmpstr(keys, ==,
                    "killer request.by request.reason request.to_come candidates evidence to_come");
    g_assert_cmpint(vs_disclosure_withheld(record), ==, VS_WITHHOLDING_DENIED);
    g_assert_cmpstr(vs_json_string(record, "cause", NULL), ==, "destroyed");
    g_assert_cmpstr(vs_json_string(vs_json_object(record, "domain"), "name", NULL), ==, "web1");
    g_assert_cmpstr(vs_json_string(request, "outcome", NULL), ==, "forced");
    g_assert_nonnull(vs_json_array(request, "steps"));
}

/* Another's uid is no better than none. */
static void
test_own(void)
{
    g_autofree char *told = NULL, *keys = NULL, *others = NULL;
    g_autoptr(json_object) record = read_as(OTHERS, VS_WITHHOLDING_DENIED, 1000, &told);
    g_autoptr(json_object) other = read_as(OTHERS, VS_WITHHOLDING_DENIED, 1001, &others);

    g_assert_cmpstr(vs_json_string(vs_json_object(record, "request"), "reason", NULL), ==,
                    "secret reason");
    keys = left_out(record);
    g_assert_cmpstr(keys, ==, "killer candidates evidence to_come");
    g_assert_null(strstr(others, "secret"));
}

/* Whoever extends a stop is somebody else than who had asked for it. */
static void
test_request(void)
{
    static const char line[] =
        "{\"id\":\"a\",\"what\":\"extended\",\"by\":{\"uid\":1001,\"user\":\"anna\"},"
        "\"span_ms\":10,\"request\":{\"stop\":\"s\",\"by\":{\"uid\":1000,\"user\":\"bert\"},"
        "\"reason\":\"kernel\",\"outcome\":\"in-flight\",\"steps\":[]}}";
    g_autofree char *told = NULL, *hers = NULL, *his = NULL;
    g_autoptr(json_object) record =
        read_as(line, VS_WITHHOLDING_NOT_ASKED, VS_READER_NOBODY, &told);
    g_autoptr(json_object) of_anna = read_as(line, VS_WITHHOLDING_PASSWORD, 1001, &hers);
    g_autoptr(json_object) of_bert = read_as(line, VS_WITHHOLDING_PASSWORD, 1000, &his);

    g_assert_null(strstr(told, "anna"));
    g_assert_null(strstr(told, "bert"));
    g_assert_null(strstr(told, "kernel"));
    g_assert_nonnull(strstr(told, "extended"));
    g_assert_cmpint(vs_disclosure_withheld(record), ==, VS_WITHHOLDING_NOT_ASKED);
    g_assert_nonnull(strstr(hers, "anna"));
    g_assert_null(strstr(hers, "bert"));
    g_assert_null(strstr(his, "anna"));
    g_assert_nonnull(strstr(his, "kernel"));
}

static void
test_nothing_to_withhold(void)
{
    static const char line[] = "{\"id\":\"a\",\"cause\":\"guest-initiated\",\"request\":null,"
                               "\"evidence\":[]}";
    g_autofree char *told = NULL, *all = NULL;
    g_autoptr(json_object) record = read_as(line, VS_WITHHOLDING_DENIED, 1000, &told);
    g_autoptr(json_object) whole = read_as(OTHERS, VS_WITHHOLDING_NONE, VS_READER_NOBODY, &all);

    g_assert_cmpstr(told, ==, line);
    g_assert_cmpint(vs_disclosure_withheld(record), ==, VS_WITHHOLDING_NONE);
    g_assert_cmpstr(all, ==, OTHERS);
    g_assert_cmpint(vs_disclosure_withheld(whole), ==, VS_WITHHOLDING_NONE);
}

/* Whatever stands in the file, it isn't told as it is. */
static void
test_strange(void)
{
    static const char *const lines[] = {
        "{\"host_stop\":{\"id\":\"a\",\"reason\":\"secret\"}}",
        "{\"domain\":{\"name\":\"a\",\"note\":\"secret\"}}",
        "{\"id\":{\"a\":\"secret\"}}",
        "{\"cause\":[\"secret\"]}",
        "{\"request\":{\"steps\":[{\"method\":\"agent\",\"by\":\"secret\"},\"secret\"]}}",
        "{\"request\":{\"steps\":[{\"method\":{\"by\":\"secret\"}}]}}",
        "{\"request.stop\":{\"secret\":1}}",
        "{\"request\":\"secret\"}",
        "{\"request\":[\"secret\"]}",
        "{\"request\":{\"by\":\"secret\"}}",
        "{\"request\":{\"by\":{\"uid\":\"1000\"},\"reason\":\"secret\"}}",
        "{\"evidence\":\"secret\"}",
        "{\"by\":{\"uid\":-1,\"user\":\"secret\"}}"};
    VsReader reader = {VS_WITHHOLDING_DENIED, 1000}, nobody = {VS_WITHHOLDING_DENIED, -1};

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *told = vs_disclosure_line(lines[i], &reader);
        g_autofree char *to_nobody = vs_disclosure_line(lines[i], &nobody);

        g_assert_nonnull(told);
        g_assert_null(strstr(told, "secret"));
        g_assert_null(strstr(to_nobody, "secret"));
    }
    g_assert_null(vs_disclosure_line("secret", &reader));
    g_assert_null(vs_disclosure_line("[\"secret\"]", &reader));
}

static void
test_words(void)
{
    g_autoptr(json_object) later = vs_json_parse_object(
        "{\"withheld\":{\"keys\":[\"by\"],\"because\":\"of-something\"}}", NULL);

    for (VsWithholding i = VS_WITHHOLDING_NOT_ASKED; i < VS_N_WITHHOLDINGS; i++) {
        VsWithholding parsed;

        g_assert_true(vs_withholding_parse(vs_withholding_name(i), &parsed));
        g_assert_cmpint(parsed, ==, i);
    }
    g_assert_false(vs_withholding_parse(NULL, &(VsWithholding){0}));
    g_assert_cmpint(vs_disclosure_withheld(later), ==, VS_WITHHOLDING_DENIED);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/disclosure/others", test_others);
    g_test_add_func("/disclosure/own", test_own);
    g_test_add_func("/disclosure/request", test_request);
    g_test_add_func("/disclosure/nothing-to-withhold", test_nothing_to_withhold);
    g_test_add_func("/disclosure/strange", test_strange);
    g_test_add_func("/disclosure/words", test_words);
    return g_test_run();
}

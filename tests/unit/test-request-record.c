/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/request-record.h"

#include "vs-test.h"

/* A line of requests.jsonl, and the sentence that tells of it. */

static void
expect_told(const char *line, const char *expected)
{
    g_autoptr(json_object) object = vs_json_parse_object(line, NULL);
    g_autofree char *told = NULL;

    g_assert_nonnull(object);
    told = vs_request_record_tell(object);
    g_assert_cmpstr(told, ==, expected);
}

static void
test_sentences(void)
{
    static const struct {
        const char *what, *expected;
    } cases[] = {
        {"joined", "The stop of “web1” was asked for once more, by alice"},
        {"escalated", "The stop of “web1” was sent on to its next step, by alice"},
        {"extended", "The stop of “web1” was given more time, by alice"},
        {"cancelled", "The stop of “web1” was called off, by alice"},
        {"timed-out", "“web1” did not stop in time, and was not to be forced"},
        {"refused", "The stop of “web1” was refused"},
        {"failed", "The stop of “web1” failed"},
        {"already-off", "“web1” was off already as its stop was asked for"},
        {"sideways", "The stop of “web1” came out as “sideways”"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = g_strdup_printf(
            "{\"what\":\"%s\",\"domain\":{\"name\":\"web1\"},\"by\":{\"user\":\"alice\"}}",
            cases[i].what);

        expect_told(line, cases[i].expected);
    }
    expect_told("{}", "The stop of “?” came out as “”");
}

/* Who did it, as far as is known. */
static void
test_by(void)
{
    static const struct {
        const char *by, *expected;
    } cases[] = {
        {"{\"user\":\"alice\",\"uid\":7}", "alice"},
        {"{\"uid\":7}", "uid 7"},
        {"{\"uid\":0}", "uid 0"},
        {"{\"uid\":4294967295}", "uid 4294967295"},
        {"{\"uid\":4294967296}", "somebody"},
        {"{\"uid\":-1}", "somebody"},
        {"{\"user\":\"\",\"uid\":-1}", "somebody"},
        {"null", "somebody"},
        {"{\"user\":\"alice\",\"comm\":\"virsh\"}", "alice (virsh)"},
        {"{\"user\":\"alice\",\"unit\":\"ups.service\"}", "alice (ups.service)"},
        {"{\"user\":\"alice\",\"comm\":\"virsh\",\"unit\":\"ups.service\"}",
         "alice (virsh, ups.service)"},
        {"{\"uid\":7,\"comm\":\"a\\u001bb\"}", "uid 7 (a\\x1bb)"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = g_strdup_printf(
            "{\"what\":\"cancelled\",\"domain\":{\"name\":\"web1\"},\"by\":%s}", cases[i].by);
        g_autofree char *expected =
            g_strdup_printf("The stop of “web1” was called off, by %s", cases[i].expected);

        expect_told(line, expected);
    }
}

static json_object *
line_of(VsRequestWord word, VsOutcome outcome, const char *host_stop)
{
    VsRequestRecord record = {
        .domain = {.uri = (char *)"qemu:///system", .name = (char *)"web1", .id = 3},
        .word = word,
        .outcome = outcome,
        .span = 90 * INT64_C(1000000),
    };

    g_strlcpy(record.host_stop.text, host_stop, sizeof record.host_stop.text);
    return vs_request_record_to_json(&record, "boot");
}

static void
test_line(void)
{
    static const char *const words[] = {"timed-out", "joined", "escalated", "extended"};
    int64_t span = 0;

    for (VsRequestWord word = 0; word < (VsRequestWord)G_N_ELEMENTS(words); word++) {
        g_autoptr(json_object) line = line_of(word, VS_OUTCOME_TIMED_OUT, "");

        g_assert_cmpstr(vs_json_string(line, "what", NULL), ==, words[word]);
        g_assert_cmpstr(vs_json_string(line, "uri", NULL), ==, "qemu:///system");
        g_assert_true(json_object_object_get_ex(line, "by", NULL));
        g_assert_true(json_object_object_get_ex(line, "request", NULL));
        g_assert_false(json_object_object_get_ex(line, "host_stop", NULL));
        g_assert_cmpint(vs_json_int(line, "span_ms", &span), ==, word == VS_REQUEST_EXTENDED);
    }
    g_assert_cmpint(span, ==, 90000);
}

/* ... of a stop of the host's. */
static void
test_host_stop(void)
{
    static const char id[] = "11111111-2222-4333-8444-555555555501";
    g_autoptr(json_object) line = line_of(VS_REQUEST_JOINED, VS_OUTCOME_NONE, id);

    g_assert_cmpstr(vs_json_string(vs_json_object(line, "host_stop"), "id", NULL), ==, id);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/request-record/sentences", test_sentences);
    g_test_add_func("/request-record/by", test_by);
    g_test_add_func("/request-record/line", test_line);
    g_test_add_func("/request-record/host-stop", test_host_stop);
    return g_test_run();
}

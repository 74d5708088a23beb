/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/replay.h"

#include <string.h>

#include "util/error.h"
#include "util/json.h"
#include "vs-test.h"

#define HEADER "{\"scenario\":\"x\"}\n"

/* Each error names the file, the line, what is wrong there, and what is allowed. */
static void
test_errors(void)
{
    static const struct {
        const char *text, *where, *what;
    } cases[] = {
        {"", "t.jsonl:", "empty"},
        {"\n\n \n", "t.jsonl:", "empty"},
        {"no json", "t.jsonl:1: ", "Not JSON"},
        {"{\"truth\":{}}", "t.jsonl:1: ", "no “scenario”"},
        {HEADER "{\"t\":1", "t.jsonl:2: ", "too early"},
        {HEADER "[1]", "t.jsonl:2: ", "“array”"},
        {HEADER "\n{}", "t.jsonl:3: ", "“source” is missing"},
        {HEADER "{\"source\":\"oracle\",\"t\":1}", "t.jsonl:2: ", "allowed: libvirt, qmp"},
        {HEADER "{\"source\":\"qmp\",\"t\":1}", "t.jsonl:2: ", "“event” is missing"},
        {HEADER "{\"source\":\"qmp\",\"t\":1,\"event\":7}", "t.jsonl:2: ", "“event” is missing"},
        {HEADER "{\"source\":\"request\",\"t\":1}", "t.jsonl:2: ", "“api” is missing"},
        {HEADER "{\"source\":\"qmp\",\"event\":\"STOP\"}", "t.jsonl:2: ", "“t” is missing"},
        {HEADER "{\"source\":\"qmp\",\"event\":\"STOP\",\"t\":\"1\"}", "t.jsonl:2: ", "no number"},
        {HEADER "{\"source\":\"qmp\",\"event\":\"STOP\",\"t\":1e300}",
         "t.jsonl:2: ", "out of range"},
        {HEADER "{\"source\":\"qemu-log\"}", "t.jsonl:2: ", "“line” is missing"},
        {HEADER "{\"source\":\"qemu-log\",\"line\":\"\xff\"}", "t.jsonl:2: ", "UTF-8"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        vs_test_note(cases[i].text);
        g_assert_null(vs_trace_parse("t.jsonl", cases[i].text, &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, cases[i].where));
        g_assert_nonnull(strstr(error->message, cases[i].what));
    }
}

static GPtrArray *
replay(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsTrace) trace = vs_trace_parse("t.jsonl", text, &error);

    g_assert_no_error(error);
    return vs_trace_replay(trace, false);
}

/* No header that names a final state, unknown words, times that go backwards: no reason to fail. */
static void
test_odd(void)
{
    static const struct {
        const char *text;
        unsigned n_records;
    } cases[] = {
        {HEADER, 0},
        {HEADER "{\"t\":1,\"source\":\"connection\",\"event\":\"closed\"}", 0},
        {HEADER "{\"t\":-1e7,\"source\":\"libvirt\",\"event\":\"lifecycle\",\"type\":\"stopped\"}",
         1},
        {HEADER "{\"t\":5,\"source\":\"libvirt\",\"event\":\"lifecycle\",\"type\":5,\"detail\":1}\n"
                "{\"t\":1,\"source\":\"libvirt\",\"event\":\"lifecycle\",\"type\":5,\"detail\":1}",
         1},
        {HEADER "{\"t\":1,\"source\":\"libvirt\",\"event\":\"weather\"}\n"
                "{\"t\":1,\"source\":\"libvirt\",\"event\":\"lifecycle\"}\n"
                "{\"t\":1,\"source\":\"libvirt\",\"event\":\"watchdog\"}\n"
                "{\"t\":1,\"source\":\"libvirt\",\"event\":\"agent-lifecycle\"}\n"
                "{\"t\":1,\"source\":\"qmp\",\"event\":\"SHUTDOWN\",\"data\":[]}\n"
                "{\"t\":1,\"source\":\"request\",\"api\":\"virDomainPonder\"}\n"
                "{\"t\":1,\"source\":\"reply\",\"api\":\"virDomainDestroy\"}",
         0},
        {"{\"scenario\":\"x\",\"final_state\":[5]}\n"
         "{\"t\":1,\"source\":\"connection\",\"event\":\"closed\"}\n"
         "{\"t\":2,\"source\":\"connection\",\"event\":\"opened\"}",
         1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) records = NULL;

        vs_test_note(cases[i].text);
        records = replay(cases[i].text);
        g_assert_cmpuint(records->len, ==, cases[i].n_records);
    }
}

/* The same trace gives the same records, ids and all. */
static void
test_same_again(void)
{
    static const char text[] =
        HEADER "{\"t\":1,\"source\":\"request\",\"api\":\"virDomainDestroy\"}\n"
               "{\"t\":2,\"source\":\"libvirt\",\"event\":\"lifecycle\",\"type\":\"stopped\","
               "\"detail\":\"destroyed\"}";
    g_autofree char *first = NULL;

    for (int i = 0; i < 2; i++) {
        g_autoptr(GPtrArray) records = replay(text);
        g_autoptr(json_object) object = NULL;

        g_assert_cmpuint(records->len, ==, 1);
        object = vs_record_to_json(records->pdata[0], "boot");
        if (first)
            g_assert_cmpstr(vs_json_line(object), ==, first);
        g_free(first);
        first = g_strdup(vs_json_line(object));
    }
}

/* The record as the design has it: every key, the absent ones null or absent. */
static void
test_record_keys(void)
{
    static const char text[] =
        HEADER "{\"t\":2,\"source\":\"libvirt\",\"event\":\"lifecycle\",\"type\":\"stopped\","
               "\"detail\":\"from-snapshot\"}";
    static const char *const keys[] = {
        "schema", "id",         "time",      "boot_id", "uri",           "domain",  "cause",
        "clean",  "confidence", "initiator", "request", "host_shutdown", "took_ms", "evidence"};
    g_autoptr(GPtrArray) records = replay(text);
    g_autoptr(json_object) object = vs_record_to_json(records->pdata[0], "the-boot");

    g_assert_cmpint(json_object_object_length(object), ==, G_N_ELEMENTS(keys));
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        g_assert_true(json_object_object_get_ex(object, keys[i], NULL));
    g_assert_cmpstr(vs_json_string(object, "boot_id", NULL), ==, "the-boot");
    g_assert_false(json_object_object_get_ex(object, "signal", NULL));
    g_assert_false(json_object_object_get_ex(object, "killer", NULL));
}

static void
test_host_stop(void)
{
    static const char text[] =
        HEADER "{\"t\":2,\"source\":\"libvirt\",\"event\":\"lifecycle\",\"type\":\"stopped\","
               "\"detail\":\"from-snapshot\"}";
    static const char id[] = "6b8a4d5e-0f2f-4c3b-9a57-6f1c5b1d2e10";
    g_autoptr(GPtrArray) records = replay(text);
    VsRecord *record = records->pdata[0];

    g_strlcpy(record->host_stop.text, id, sizeof record->host_stop.text);
    g_autoptr(json_object) object = vs_record_to_json(record, "boot");
    json_object *host_stop = vs_json_object(object, "host_stop");
    g_assert_cmpstr(vs_json_line(host_stop), ==,
                    "{\"id\":\"6b8a4d5e-0f2f-4c3b-9a57-6f1c5b1d2e10\"}");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/trace/errors", test_errors);
    g_test_add_func("/trace/odd", test_odd);
    g_test_add_func("/trace/same-again", test_same_again);
    g_test_add_func("/trace/record-keys", test_record_keys);
    g_test_add_func("/trace/host-stop", test_host_stop);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "record/journal.h"
#include "vs-test.h"

#define UUID      "0a1b2c3d-0000-4000-8000-000000000001"
#define RECORD_ID "0a1b2c3d-0000-4000-8000-00000000000f"

static VsRecord *
make_record(VsCause cause, VsConfidence confidence, const char *name)
{
    VsRecord *record = g_new0(VsRecord, 1);

    *record = (VsRecord){
        .id = {RECORD_ID},
        .domain = {g_strdup("qemu:///system"), {UUID}, g_strdup(name), 7},
        .verdict = {.cause = cause, .confidence = confidence, .clean = vs_cause_clean(cause)},
        .evidence = json_object_new_array()};
    return record;
}

static void
set_outcome(VsRecord *record, const char *outcome)
{
    record->request = json_object_new_object();
    vs_json_set_string(record->request, "outcome", outcome);
}

static GPtrArray *
make_fields(const VsRecord *record)
{
    g_autoptr(json_object) json = vs_record_to_json(record, "boot");

    return vs_journal_fields(record, vs_json_line(json));
}

/* The field's value; NULL: it isn't there. It is never there twice. */
static const char *
get(const GPtrArray *fields, const char *key)
{
    g_autofree char *start = g_strconcat(key, "=", NULL);
    const char *value = NULL;

    for (unsigned i = 0; i < fields->len; i++) {
        const char *field = fields->pdata[i];

        if (g_str_has_prefix(field, start)) {
            g_assert_null(value);
            value = field + strlen(start);
        }
    }
    return value;
}

/* Takes over @record. */
static void
assert_message(VsRecord *record, const char *expected)
{
    g_autoptr(GPtrArray) fields = make_fields(record);

    g_assert_cmpstr(get(fields, "MESSAGE"), ==, expected);
    vs_record_free(record);
}

static void
test_signal(void)
{
    VsRecord *record = make_record(VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN, "web1");
    g_autoptr(json_object) json = NULL;

    record->verdict.signal = 15;
    record->verdict.killer_pid = 4614;
    record->verdict.killer_comm = g_strdup("bash");
    g_autoptr(GPtrArray) fields = make_fields(record);
    json = vs_record_to_json(record, "boot");

    g_assert_cmpstr(
        get(fields, "MESSAGE"), ==,
        "SIGTERM from “bash” (pid 4614) on the host ended the hypervisor process of “web1”");
    g_assert_cmpstr(get(fields, "MESSAGE_ID"), ==, VS_MESSAGE_STOP_RECORDED);
    g_assert_cmpstr(get(fields, "PRIORITY"), ==, "4");
    g_assert_cmpstr(get(fields, "VIRTSTOP_CAUSE"), ==, "host-signal");
    g_assert_cmpstr(get(fields, "VIRTSTOP_CLEAN"), ==, "false");
    g_assert_cmpstr(get(fields, "VIRTSTOP_CONFIDENCE"), ==, "certain");
    g_assert_cmpstr(get(fields, "VIRTSTOP_DOMAIN"), ==, "web1");
    g_assert_cmpstr(get(fields, "VIRTSTOP_DOMAIN_UUID"), ==, UUID);
    g_assert_cmpstr(get(fields, "VIRTSTOP_URI"), ==, "qemu:///system");
    g_assert_cmpstr(get(fields, "VIRTSTOP_RECORD_ID"), ==, RECORD_ID);
    g_assert_cmpstr(get(fields, "VIRTSTOP_SIGNAL"), ==, "SIGTERM");
    g_assert_cmpstr(get(fields, "VIRTSTOP_KILLER_PID"), ==, "4614");
    g_assert_cmpstr(get(fields, "VIRTSTOP_KILLER_COMM"), ==, "bash");
    g_assert_cmpstr(get(fields, "VIRTSTOP_OUTCOME"), ==, NULL);
    g_assert_cmpstr(get(fields, "VIRTSTOP_RECORD"), ==, vs_json_line(json));
    vs_record_free(record);
}

static void
test_clean(void)
{
    VsRecord *record = make_record(VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN, "web1");

    set_outcome(record, "clean");
    g_autoptr(GPtrArray) fields = make_fields(record);

    g_assert_cmpstr(get(fields, "PRIORITY"), ==, "6");
    g_assert_cmpstr(get(fields, "VIRTSTOP_CLEAN"), ==, "true");
    g_assert_cmpstr(get(fields, "VIRTSTOP_OUTCOME"), ==, "clean");
    g_assert_cmpstr(get(fields, "VIRTSTOP_SIGNAL"), ==, NULL);
    g_assert_cmpstr(get(fields, "VIRTSTOP_KILLER_PID"), ==, NULL);
    g_assert_cmpstr(get(fields, "VIRTSTOP_KILLER_COMM"), ==, NULL);
    vs_record_free(record);
}

static void
test_host_stop(void)
{
    VsRecord *record = make_record(VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN, "web1");
    g_autoptr(GPtrArray) alone = make_fields(record);

    g_assert_cmpstr(get(alone, "VIRTSTOP_HOST_STOP"), ==, NULL);
    g_strlcpy(record->host_stop.text, UUID, sizeof record->host_stop.text);
    g_autoptr(GPtrArray) fields = make_fields(record);
    g_assert_cmpstr(get(fields, "VIRTSTOP_HOST_STOP"), ==, UUID);
    vs_record_free(record);
}

static void
test_unknown(void)
{
    VsRecord *record = make_record(VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN, "web1");
    g_autoptr(GPtrArray) fields = make_fields(record);

    g_assert_cmpstr(get(fields, "MESSAGE"), ==, "“web1” is off, and nothing tells why");
    g_assert_cmpstr(get(fields, "PRIORITY"), ==, "5");
    g_assert_cmpstr(get(fields, "VIRTSTOP_CLEAN"), ==, "null");
    vs_record_free(record);
}

#define BY_OTHERS "“web1” was destroyed through libvirt by somebody else, not by virtstopd"

static void
add_destroy(VsRecord *record)
{
    json_object *steps = json_object_new_array(), *step = json_object_new_object();

    vs_json_set_string(step, "method", "destroy");
    json_object_array_add(steps, step);
    vs_json_set(record->request, "steps", steps);
}

/* The sentence says what the record says, and no more. */
static void
test_sentences(void)
{
    VsRecord *record = make_record(VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN, "web1");
    assert_message(record, BY_OTHERS);

    record = make_record(VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN, "web1");
    set_outcome(record, "cancelled");
    assert_message(record, BY_OTHERS);

    record = make_record(VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN, "web1");
    set_outcome(record, "forced"); /* it was cut off, but we never came to that */
    assert_message(record, BY_OTHERS);

    record = make_record(VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN, "web1");
    set_outcome(record, "forced");
    add_destroy(record);
    assert_message(record, "“web1” was destroyed by virtstopd, by force");

    record = make_record(VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN, "web1");
    set_outcome(record, "halted");
    assert_message(record, "“web1” halted without powering off, and was destroyed by virtstopd");

    record = make_record(VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_LIKELY, "web1");
    assert_message(record, "A signal from an unknown process on the host likely ended the "
                           "hypervisor process of “web1”");

    record = make_record(VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN, "web1");
    record->verdict.killer_pid = 12;
    assert_message(record,
                   "A signal from process 12 on the host ended the hypervisor process of “web1”");

    record = make_record(VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN, "web1");
    record->host_shutdown = true;
    assert_message(record, "“web1” powered itself off because its power button was pressed, as the "
                           "host was going down");
}

static void
test_every_cause(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (int cause = 0; cause < VS_N_CAUSES; cause++) {
        VsRecord *record = make_record(cause, VS_CONFIDENCE_CERTAIN, "web1");
        g_autoptr(GPtrArray) fields = make_fields(record);
        const char *message = get(fields, "MESSAGE");

        g_assert_nonnull(strstr(message, "“web1”"));
        g_assert_true(g_hash_table_add(seen, g_strdup(message)));
        vs_record_free(record);
    }
}

/* The values are what they are; the message is safe to print. */
static void
test_odd_name(void)
{
    const char *name = "web\nPRIORITY=0\n\033[31m%s";
    VsRecord *record = make_record(VS_CAUSE_CRASHED, VS_CONFIDENCE_CERTAIN, name);
    g_autoptr(GPtrArray) fields = make_fields(record);

    g_assert_cmpstr(get(fields, "VIRTSTOP_DOMAIN"), ==, name);
    g_assert_cmpstr(get(fields, "PRIORITY"), ==, "4");
    g_assert_cmpstr(get(fields, "MESSAGE"), ==,
                    "The hypervisor process of “web\\x0aPRIORITY=0\\x0a\\x1b[31m%s” died of "
                    "itself");
    vs_record_free(record);
}

static void
test_request(void)
{
    static const struct {
        const char *what, *expected;
    } cases[] = {
        {"cancelled", "The stop of “web1” was called off, by alice (virtstopctl, ups.service)"},
        {"joined",
         "The stop of “web1” was asked for once more, by alice (virtstopctl, ups.service)"},
        {"timed-out", "“web1” did not stop in time, and was not to be forced"},
        {"sideways", "The stop of “web1” came out as “sideways”"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = g_strdup_printf(
            "{\"uri\":\"test:///default\",\"domain\":{\"name\":\"web1\",\"uuid\":\"" UUID
            "\"},\"what\":\"%s\",\"by\":{\"uid\":0,\"user\":\"alice\",\"comm\":\"virtstopctl\","
            "\"unit\":\"ups.service\"},\"request\":{\"stop\":\"s1\"}}",
            cases[i].what);
        g_autoptr(json_object) request = vs_json_parse_object(line, NULL);
        g_autoptr(GPtrArray) fields = vs_journal_request_fields(request, line);

        g_assert_cmpstr(get(fields, "MESSAGE"), ==, cases[i].expected);
        g_assert_cmpstr(get(fields, "MESSAGE_ID"), ==, VS_MESSAGE_REQUEST);
        g_assert_cmpstr(get(fields, "VIRTSTOP_REQUEST"), ==, cases[i].what);
        g_assert_cmpstr(get(fields, "VIRTSTOP_DOMAIN_UUID"), ==, UUID);
        g_assert_cmpstr(get(fields, "VIRTSTOP_STOP"), ==, "s1");
        g_assert_cmpstr(get(fields, "VIRTSTOP_RECORD"), ==, line);
    }
}

/* `journalctl -x` finds the explanation under the same id, in both languages. */
static void
test_catalog(void)
{
    const char *top = g_getenv("top_srcdir");

    if (!top) {
        g_test_skip("top_srcdir, where the catalog is, isn't in the environment");
        return;
    }
    g_autofree char *path = g_build_filename(top, "data", "virtstop.catalog", NULL);
    g_autofree char *text = vs_test_read(path);
    g_assert_nonnull(strstr(text, "\n-- " VS_MESSAGE_STOP_RECORDED "\n"));
    g_assert_nonnull(strstr(text, "\n-- " VS_MESSAGE_STOP_RECORDED " zh_CN\n"));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/journal/signal", test_signal);
    g_test_add_func("/journal/clean", test_clean);
    g_test_add_func("/journal/host-stop", test_host_stop);
    g_test_add_func("/journal/request", test_request);
    g_test_add_func("/journal/unknown", test_unknown);
    g_test_add_func("/journal/sentences", test_sentences);
    g_test_add_func("/journal/every-cause", test_every_cause);
    g_test_add_func("/journal/odd-name", test_odd_name);
    g_test_add_func("/journal/catalog", test_catalog);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/record.h"
#include "vs-test.h"

/* What a record says beside its cause. */

static void
test_initiator(void)
{
    static const struct {
        VsCause cause;
        bool requested, host_shutdown;
        int killer;
        const char *expected;
    } cases[] = {
        {.cause = VS_CAUSE_GUEST_INITIATED, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_INITIATED, .requested = true, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_INITIATED, .host_shutdown = true, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_AGENT, .requested = true, .expected = "operator"},
        {.cause = VS_CAUSE_POWER_BUTTON, .expected = "operator"},
        {.cause = VS_CAUSE_POWER_BUTTON, .host_shutdown = true, .expected = "platform"},
        {.cause = VS_CAUSE_DESTROYED,
         .requested = true,
         .host_shutdown = true,
         .expected = "platform"},
        {.cause = VS_CAUSE_GUEST_REBOOT, .expected = "guest"},
        {.cause = VS_CAUSE_GUEST_REBOOT, .requested = true, .expected = "operator"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .killer = 42, .expected = "operator"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .requested = true, .expected = "operator"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .expected = "unknown"},
        {.cause = VS_CAUSE_HOST_SIGNAL, .host_shutdown = true, .expected = "platform"},
        {.cause = VS_CAUSE_CRASHED, .expected = "platform"},
        {.cause = VS_CAUSE_UNKNOWN, .host_shutdown = true, .expected = "unknown"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) request = json_object_new_object(), object = NULL;
        VsRecord record = {
            .domain = {.uri = (char *)"qemu:///system", .name = (char *)"web1"},
            .verdict = {.cause = cases[i].cause, .killer_pid = cases[i].killer},
            .request = cases[i].requested ? request : NULL,
            .host_shutdown = cases[i].host_shutdown,
        };

        object = vs_record_to_json(&record, "boot");
        g_assert_cmpstr(vs_json_string(object, "initiator", NULL), ==, cases[i].expected);
    }
}

/* All that a record can tell, as the design has it. */
static void
test_whole(void)
{
    VsRecord record = {
        .id.text = "11111111-2222-4333-8444-555555555501",
        .time = INT64_C(1700000000000000),
        .boot_id = (char *)"before",
        .domain = {.uri = (char *)"qemu:///system",
                   .uuid.text = "11111111-2222-4333-8444-555555555502",
                   .name = (char *)"web1",
                   .id = 3},
        .verdict = {.cause = VS_CAUSE_HOST_SIGNAL,
                    .confidence = VS_CONFIDENCE_CERTAIN,
                    .clean = VS_CLEAN_NO,
                    .signal = 15,
                    .killer_pid = 42,
                    .killer_comm = (char *)"kill"},
        .host_shutdown = true,
        .owner = VS_OWNER_NOVA,
        .host_stop.text = "11111111-2222-4333-8444-555555555503",
        .host_kind = VS_HOST_KIND_REBOOT,
        .window = {.from = INT64_C(1699999999000000),
                   .until = INT64_C(1700000000000000),
                   .away = VS_AWAY_LIBVIRT},
        .took = 1002999,
        .circumstances = vs_json_parse_object("{\"hibernated\":true}", NULL),
        .evidence = json_object_new_array(),
        .dropped = 2,
    };
    g_autoptr(json_object) object = vs_record_to_json(&record, "now");

    g_assert_cmpstr(vs_json_line(object), ==,
                    "{\"schema\":1,\"id\":\"11111111-2222-4333-8444-555555555501\","
                    "\"time\":\"2023-11-14T22:13:20.000000Z\",\"boot_id\":\"before\","
                    "\"uri\":\"qemu:///system\",\"domain\":{\"name\":\"web1\","
                    "\"uuid\":\"11111111-2222-4333-8444-555555555502\",\"id\":3},"
                    "\"cause\":\"host-signal\",\"clean\":false,\"confidence\":\"certain\","
                    "\"signal\":\"SIGTERM\",\"killer\":{\"pid\":42,\"comm\":\"kill\"},"
                    "\"initiator\":\"platform\",\"request\":null,\"host_shutdown\":true,"
                    "\"host_stop\":{\"id\":\"11111111-2222-4333-8444-555555555503\","
                    "\"kind\":\"reboot\"},\"owner\":\"nova\",\"hibernated\":true,\"took_ms\":1002,"
                    "\"window\":{\"from\":\"2023-11-14T22:13:19.000000Z\","
                    "\"until\":\"2023-11-14T22:13:20.000000Z\",\"away\":\"libvirt\"},"
                    "\"evidence\":[],\"evidence_dropped\":2}");
    json_object_put(record.circumstances);
    json_object_put(record.evidence);
}

/* ... and where nothing is known. */
static void
test_bare(void)
{
    VsRecord record = {
        .time = INT64_C(1700000000000000),
        .domain = {.uri = (char *)"qemu:///system", .name = (char *)"web1", .id = -1},
        .host_stop.text = "",
        .window = {.until = 1},
    };
    g_autoptr(json_object) object = vs_record_to_json(&record, "now");

    g_assert_cmpstr(vs_json_line(object), ==,
                    "{\"schema\":1,\"id\":\"\",\"time\":\"2023-11-14T22:13:20.000000Z\","
                    "\"boot_id\":\"now\",\"uri\":\"qemu:///system\","
                    "\"domain\":{\"name\":\"web1\",\"uuid\":\"\",\"id\":-1},"
                    "\"cause\":\"unknown\",\"clean\":null,\"confidence\":\"unknown\","
                    "\"initiator\":\"unknown\",\"request\":null,\"host_shutdown\":false,"
                    "\"took_ms\":0,\"evidence\":null}");
}

/* The host's clock was set, and nobody knows how a host goes down. */
static void
test_half_known(void)
{
    VsRecord record = {
        .domain = {.uri = (char *)"qemu:///system", .name = (char *)"web1"},
        .verdict = {.cause = VS_CAUSE_HOST_FAILURE, .clean = VS_CLEAN_YES, .killer_pid = 1},
        .host_stop.text = "11111111-2222-4333-8444-555555555503",
        .window = {.from = INT64_C(1700000000000000)},
    };
    g_autoptr(json_object) object = vs_record_to_json(&record, "now");

    g_assert_cmpstr(vs_json_line(vs_json_object(object, "window")), ==,
                    "{\"from\":\"2023-11-14T22:13:20.000000Z\",\"until\":null}");
    g_assert_cmpstr(vs_json_line(vs_json_object(object, "host_stop")), ==,
                    "{\"id\":\"11111111-2222-4333-8444-555555555503\"}");
    g_assert_cmpstr(vs_json_line(vs_json_object(object, "killer")), ==, "{\"pid\":1}");
    g_assert_true(vs_json_bool(object, "clean", false));
}

/* What another virtstopd wrote. */
static void
test_read(void)
{
    static const char id[] = "11111111-2222-4333-8444-555555555501";
    g_autofree char *line = g_strdup_printf(
        "{\"id\":\"%s\",\"cause\":\"crashed\",\"signal\":\"SIGSEGV\",\"request\":{}}", id);
    static const char *const none[] = {
        "[]",
        "{}",
        "{\"id\":\"11111111-2222-4333-8444-555555555501\"}",
        "{\"id\":\"11111111-2222-4333-8444-555555555501\",\"cause\":\"the cat\"}",
        "{\"id\":\"one\",\"cause\":\"crashed\"}",
    };
    VsVerdict verdict;
    bool asked;
    VsUuid uuid;

    g_assert_true(vs_record_read(line, &uuid, &verdict, &asked));
    g_assert_cmpstr(uuid.text, ==, id);
    g_assert_cmpint(verdict.cause, ==, VS_CAUSE_CRASHED);
    g_assert_cmpint(verdict.signal, ==, 11);
    g_assert_true(asked);
    g_assert_true(vs_record_read("{\"id\":\"11111111-2222-4333-8444-555555555501\","
                                 "\"cause\":\"saved\",\"request\":null}",
                                 &uuid, &verdict, &asked));
    g_assert_cmpint(verdict.signal, ==, 0);
    g_assert_false(asked);
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_false(vs_record_read(none[i], &uuid, &verdict, &asked));
}

static void
test_outcomes(void)
{
    static const char *const names[VS_N_OUTCOMES] = {
        "in-flight", "clean",     "forced",    "halted", "already-off",
        "refused",   "cancelled", "timed-out", "failed", "unknown"};
    VsOutcome outcome;

    for (VsOutcome i = 0; i < VS_N_OUTCOMES; i++) {
        g_assert_cmpstr(vs_outcome_name(i), ==, names[i]);
        g_assert_true(vs_outcome_parse(names[i], &outcome));
        g_assert_cmpint(outcome, ==, i);
    }
    g_assert_false(vs_outcome_parse("perfect", &outcome));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/record/initiator", test_initiator);
    g_test_add_func("/record/whole", test_whole);
    g_test_add_func("/record/bare", test_bare);
    g_test_add_func("/record/half-known", test_half_known);
    g_test_add_func("/record/read", test_read);
    g_test_add_func("/record/outcomes", test_outcomes);
    return g_test_run();
}

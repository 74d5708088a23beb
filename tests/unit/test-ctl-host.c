/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bus-client.h"
#include "ctl-fixture.h"
#include "util/wallclock.h"
#include "vs-test.h"

/* The verbs that are about all guests of a host: stop-all, cancel --all, restore, plan, blame,
 * plot, doctor. */

#define HOST_RECORD(name, uuid, took, outcome, cause, clean)                                       \
    "{\"schema\":1,\"id\":\"" name                                                                 \
    "\",\"time\":\"2026-11-23T02:10:00.000000Z\",\"boot_id\":\"b\","                               \
    "\"uri\":\"" TEST_URI "\",\"domain\":{\"name\":\"" name "\",\"uuid\":\"" uuid                  \
    "\",\"id\":1},\"cause\":\"" cause "\",\"clean\":" clean                                        \
    ",\"confidence\":\"certain\",\"host_shutdown\":true,\"took_ms\":" took                         \
    ",\"request\":{\"stop\":\"s\",\"outcome\":\"" outcome                                          \
    "\",\"steps\":[{\"method\":\"power-button\",\"started\":\"2026-11-23T02:09:58.000000Z\","      \
    "\"took_ms\":" took ",\"result\":\"went down\"}]},\"evidence\":[]}"

static void
show(BusFixture *fixture, CtlRun *run, const char *const *words)
{
    g_assert_true(ctl_start(run, words, -1));
    ctl_await_end(fixture, run);
}

/* Each word of @words, with spaces between them, is one of the command line. */
static void
check(BusFixture *fixture, const char *words, int status, const char *said)
{
    g_auto(GStrv) argv = g_strsplit(words, " ", -1);
    g_auto(CtlRun) run = {0};

    show(fixture, &run, (const char *const *)argv);
    assert_ctl(&run, status, said);
}

static const VsStop *
stop_of(const BusFixture *fixture, const char *uuid)
{
    return vs_engine_find(fixture->engine, TEST_URI, uuid)->stop;
}

/* No guest is there. */
static void
connect_uri(BusFixture *fixture, const char *uri)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = uri, .connection.open = true};
    g_autoptr(GPtrArray) actions = vs_actions_new();

    g_assert_true(vs_engine_step(fixture->engine, &event, fixture->now, actions, NULL));
    event = (VsEvent){.type = VS_EVENT_LISTED, .uri = uri};
    for (unsigned i = 0; i < actions->len; i++) {
        const VsAction *action = actions->pdata[i];
        if (action->type == VS_ACTION_LIST)
            event.listed.serial = action->serial;
    }
    g_assert_true(bus_fixture_step(fixture, &event, NULL));
}

/* The little daemon's clocks are this host's, as a daemon's are. */
static void
set_clocks(BusFixture *fixture)
{
    fixture->now = (VsTime){.mono = g_get_monotonic_time(), .real = g_get_real_time()};
}

static void
test_stop_all(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    set_clocks(&fixture);
    check(&fixture, "stop-all --no-wait --reason=power --budget=5min", 0,
          "Stopping 2 guests within 5 min: db1, web1\n");
    g_assert_cmpint(fixture.last_type, ==, VS_EVENT_STOP_ALL);
    g_assert_true(vs_engine_is_stopping_all(fixture.engine));
    g_assert_cmpstr(stop_of(&fixture, WEB1_UUID)->reason, ==, "power");
    g_assert_nonnull(stop_of(&fixture, DB1_UUID));
    check(&fixture, "cancel --all", 0, "");
    g_assert_null(stop_of(&fixture, WEB1_UUID));
    g_assert_false(vs_engine_is_stopping_all(fixture.engine));
    check(&fixture, "cancel", 2, "--all");
    check(&fixture, "cancel --all web1", 2, "--all");
    bus_fixture_tear_down(&fixture);
}

/* How many of them are off, and how much time there still is; at the end how it was. */
static void
test_whole(void)
{
    static const char *const words[] = {"stop-all", "--budget=5min", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    set_clocks(&fixture);
    connect_uri(&fixture, OTHER_URI);
    ctl_start_on_terminal(&run, words, 60);
    ctl_await(&fixture, &run, "0 of 2 guests are done, ");
    ctl_await(&fixture, &run, " of 5 min left\r\n");
    check(&fixture, "cancel --all", 0, "");
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 1, "Stopping 2 guests within 5 min\r\n");
    assert_ctl(&run, 1, "2 guests: 2 left running; ");
    assert_ctl(&run, 1, " of 5 min\r\n");
    bus_fixture_tear_down(&fixture);
}

/* Of those that were off before it came the records tell. */
static void
test_whole_joined(void)
{
    static const char *const words[] = {"stop-all", "--budget=5min", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    set_clocks(&fixture);
    connect_uri(&fixture, OTHER_URI);
    check(&fixture, "stop-all --no-wait --budget=5min", 0, "Stopping 2 guests");
    g_ptr_array_add(fixture.records,
                    g_strdup_printf("{\"clean\":true,\"host_stop\":{\"id\":\"%s\"}}",
                                    stop_of(&fixture, WEB1_UUID)->host_stop.text));
    ctl_start_on_terminal(&run, words, 60);
    ctl_await(&fixture, &run, "1 of 3 guests are done, ");
    check(&fixture, "cancel --all", 0, "");
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 1, "3 guests: 1 clean, 2 left running; ");
    assert_ctl(&run, 1, " of 5 min\r\n");
    bus_fixture_tear_down(&fixture);
}

/* Who may not see who asked, and why, is told that there is more, and how to see it. */
static void
test_blame_hidden(void)
{
    static const char *const words[] = {"blame", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_ptr_array_add(
        fixture.records,
        g_strdup("{\"id\":\"r\",\"time\":\"2026-11-23T02:10:00.000000Z\",\"uri\":\"" TEST_URI
                 "\",\"domain\":{\"name\":\"web1\",\"uuid\":\"" WEB1_UUID
                 "\"},\"cause\":\"power-button\",\"clean\":true,\"took_ms\":5,\"host_stop\":{"
                 "\"id\":\"0b1d6f0e-7c52-4f0a-8a1e-93c1d5f2e7a4\",\"kind\":\"by-hand\"},"
                 "\"request\":{\"by\":{\"uid\":0,"
                 "\"user\":\"root\"},\"reason\":\"secret\",\"outcome\":\"clean\"}}"));
    show(&fixture, &run, words);
    assert_ctl(&run, 0, "Asked by: root\n    Reason: “secret”\n");
    if (getuid() != 0 || !ctl_start(&other, words, 65534)) {
        g_test_skip("needs another user who can run virtstopctl");
    } else {
        ctl_await_end(&fixture, &other);
        assert_ctl(&other, 0, "Asked by: not shown here; “virtstopctl why DOMAIN” tells");
        g_assert_false(ctl_said(&other, "secret"));
    }
    bus_fixture_tear_down(&fixture);
}

/* An ssh that stays here. */
static void
fake_ssh(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *path = g_strconcat(dir, ":", g_getenv("PATH"), NULL);
    g_autofree char *ssh = vs_test_write(
        dir, "ssh",
        "#!/bin/sh\nexec systemd-stdio-bridge --bus-path=\"$DBUS_SYSTEM_BUS_ADDRESS\"\n");

    g_assert_cmpint(g_chmod(ssh, 0755), ==, 0);
    g_setenv("PATH", path, TRUE);
}

/* web1 is off two seconds later, as its host's clock has it. */
static void
end_web1(BusFixture *fixture)
{
    const VsUuid stop = stop_of(fixture, WEB1_UUID)->id;
    g_autofree char *time = NULL, *record = NULL;

    fixture->now.real += 2 * G_USEC_PER_SEC;
    fixture->now.mono += 2 * G_USEC_PER_SEC;
    time = vs_wallclock_format(fixture->now.real);
    record = g_strdup_printf("{\"schema\":1,\"id\":\"r\",\"time\":\"%s\",\"uri\":\"" TEST_URI
                             "\",\"domain\":{\"name\":\"web1\",\"uuid\":\"" WEB1_UUID
                             "\",\"id\":1},\"cause\":\"power-button\",\"clean\":true,"
                             "\"host_stop\":{\"kind\":\"by-hand\",\"budget_ms\":300000},"
                             "\"request\":{\"stop\":\"%s\",\"outcome\":\"clean\"}}",
                             time, stop.text);
    vs_bus_tell_record(fixture->bus, stop.text, record);
    bus_fixture_end_guest(fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
}

/* The clock of another host goes another time: what it took is told by that one alone. */
static void
test_other_clock(void)
{
    static const char *const words[] = {"stop-all", "-H", "far", "--budget=5min", "web1", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    fake_ssh();
    set_clocks(&fixture);
    fixture.now.real -= INT64_C(3600) * G_USEC_PER_SEC;
    ctl_start_on_terminal(&run, words, 80);
    ctl_await(&fixture, &run, "0 of 1 guest is done\r\n");
    end_web1(&fixture);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 0, "1 guest: 1 clean; 2 s of 5 min\r\n");
    bus_fixture_tear_down(&fixture);
}

/* Ctrl-C says how to call off what was begun, and no more than that. */
static void
test_interrupted(void)
{
    static const char *const part[] = {"stop-all", "web*", NULL};
    static const char *const all[] = {"stop-all", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};
    g_autofree char *said = NULL;

    if (!ctl_fixture_set_up(&fixture))
        return;
    set_clocks(&fixture);
    ctl_start_on_terminal(&run, part, 80);
    ctl_await(&fixture, &run, "0 of 1 guest is done\r\n");
    said =
        g_strdup_printf("“virtstopctl cancel --stop=%s” calls them off",
                        vs_engine_find(fixture.engine, TEST_URI, WEB1_UUID)->stop->host_stop.text);
    kill(run.pid, SIGINT);
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 130, said);
    ctl_start_on_terminal(&other, all, 80);
    ctl_await(&fixture, &other, "0 of 2 guests are done\r\n");
    kill(other.pid, SIGINT);
    ctl_await_end(&fixture, &other);
    assert_ctl(&other, 130, "“virtstopctl cancel --all” calls them off");
    bus_fixture_tear_down(&fixture);
}

static void
test_extend_all(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    check(&fixture, "extend --all", 1, "No stop of all guests is in flight");
    check(&fixture, "stop-all --no-wait --budget=5min", 0, "");
    check(&fixture, "extend --all 2min", 0, "");
    g_assert_cmpint(fixture.last_type, ==, VS_EVENT_EXTEND_ALL);
    g_assert_cmpint(vs_engine_time_for_all(fixture.engine, fixture.now.mono), >,
                    6 * 60 * G_USEC_PER_SEC);
    bus_fixture_tear_down(&fixture);
}

/* Guests of a libvirt that is away may run: that nothing is to be done isn't known. */
static void
test_libvirt_away(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    bus_fixture_end_guest(&fixture, DB1_UUID, "db1", VS_STOPPED_SHUTDOWN);
    check(&fixture, "stop-all", 1, "“" OTHER_URI "” isn't connected: what runs there is not");
    check(&fixture, "stop-all --no-wait", 1, OTHER_URI);
    connect_uri(&fixture, OTHER_URI);
    check(&fixture, "stop-all", 0, "No guest runs that is to be stopped.");
    check(&fixture, "stop-all --no-wait", 0, "No guest runs that is to be stopped.");
    check(&fixture, "stop-all --no-wait web*", 0, "No guest of that part runs.");
    bus_fixture_tear_down(&fixture);
}

static void
test_restore(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    check(&fixture, "restore", 0, "No guest is to be started again.\n");
    g_assert_cmpuint(fixture.n_revivals, ==, 1);
    g_assert_null(fixture.revived);
    check(&fixture, "restore 1f0c", 0, "No guest is to be started again.\n");
    g_assert_cmpstr(fixture.revived, ==, "1f0c");
    check(&fixture, "stop-all --no-wait", 0, "Stopping 2 guests: db1, web1\n");
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    bus_fixture_end_guest(&fixture, DB1_UUID, "db1", VS_STOPPED_SHUTDOWN);
    check(&fixture, "restore", 0, "again: web1\n");
    check(&fixture, "restore --json=short", 0, "{\"domain\":\"web1\",\"uri\":\"" TEST_URI "\"}\n");
    bus_fixture_tear_down(&fixture);
}

static void
test_plan(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    check(&fixture, "plan --budget=40s", 0, "Expected time: 3 s.");
    g_assert_cmpint(fixture.plan_budget, ==, 40 * G_USEC_PER_SEC);
    check(&fixture, "plan", 0, "web1");
    check(&fixture, "plan --json=short", 0, "\"worst_ms\":18000");
    check(&fixture, "plan --priority=-5..5 --priority=7 --uri=" TEST_URI " web* db1", 0, "web1");
    g_assert_cmpstr(fixture.plan_part, ==,
                    "priority -5..5 or 7, libvirt at " TEST_URI ", guest web* or db1");
    fixture.plan = "{\"guests\":[],\"worst_ms\":0}";
    check(&fixture, "plan", 0, "No guest runs that is to be stopped.\n");
    check(&fixture, "plan db*", 0, "No guest of that part runs.\n");
    check(&fixture, "plan nobody", 4, "There is no domain “nobody”");
    check(&fixture, "plan --priority=x", 2, "--priority=: “x” is no priority");
    check(&fixture, "plot --plan", 0, "<svg");
    bus_fixture_tear_down(&fixture);
}

static void
test_last_host_stop(void)
{
    GMarkupParser nothing = {0};
    GMarkupParseContext *context = g_markup_parse_context_new(&nothing, 0, NULL, NULL);
    static const char *const words[] = {"plot", NULL};
    g_autoptr(GError) error = NULL;
    g_auto(CtlRun) run = {0};
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    check(&fixture, "blame", 1, "No host stop is recorded");
    g_ptr_array_add(fixture.records, g_strdup(HOST_RECORD("quick<&>", WEB1_UUID, "1000", "clean",
                                                          "power-button", "true")));
    g_ptr_array_add(fixture.records, g_strdup(HOST_RECORD("slow", DB1_UUID, "2000", "forced",
                                                          "destroyed", "false")));
    check(&fixture, "blame", 0, "slow");
    show(&fixture, &run, words);
    g_assert_true(g_markup_parse_context_parse(context, run.out->str, -1, &error));
    g_assert_no_error(error);
    assert_ctl(&run, 0, "quick&lt;&amp;&gt;");
    g_markup_parse_context_free(context);
    bus_fixture_tear_down(&fixture);
}

/* By the host stop's id, though hours and a restart lie between the guests, and however many
 * pages. */
static void
test_host_stop_by_id(void)
{
#define OF(id, time, name)                                                                         \
    "{\"time\":\"2026-11-23T" time ":00.000000Z\",\"boot_id\":\"b\",\"uri\":\"" TEST_URI           \
    "\",\"domain\":{\"name\":\"" name "\"},\"host_shutdown\":true,\"host_stop\":{\"id\":\"" id     \
    "\"},\"took_ms\":1}"
    static const char *const words[] = {"blame", "--json=short", NULL};
    g_auto(CtlRun) run = {0};
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    fixture.page_size = 1;
    g_ptr_array_add(fixture.records, g_strdup(OF(DB1_UUID, "02:10", "a")));
    g_ptr_array_add(fixture.records, g_strdup(OF(WEB1_UUID, "02:11", "b")));
    g_ptr_array_add(fixture.records, g_strdup("{\"host_shutdown\":false}"));
    g_ptr_array_add(fixture.records, g_strdup(OF(WEB1_UUID, "05:11", "c")));
    show(&fixture, &run, words);
    g_assert_cmpstr(run.out->str, ==,
                    OF(WEB1_UUID, "02:11", "b") "\n" OF(WEB1_UUID, "05:11", "c") "\n");
    assert_ctl(&run, 0, "");
    bus_fixture_tear_down(&fixture);
#undef OF
}

static void
test_doctor(void)
{
    static const VsFinding finding = {
        .kind = VS_FINDING_NO_AGENT_CHANNEL,
        .domain = {.uri = (char *)TEST_URI, .name = (char *)"db1", .uuid.text = DB1_UUID},
    };
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    fixture.findings = &finding;
    fixture.n_findings = 1;
    check(&fixture, "doctor", 1, "“db1” has no channel for a guest agent");
    check(&fixture, "doctor", 1, "systemd can't be asked");
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/host/stop-all", test_stop_all);
    g_test_add_func("/ctl/host/whole", test_whole);
    g_test_add_func("/ctl/host/whole-joined", test_whole_joined);
    g_test_add_func("/ctl/host/blame-hidden", test_blame_hidden);
    g_test_add_func("/ctl/host/other-clock", test_other_clock);
    g_test_add_func("/ctl/host/interrupted", test_interrupted);
    g_test_add_func("/ctl/host/extend-all", test_extend_all);
    g_test_add_func("/ctl/host/libvirt-away", test_libvirt_away);
    g_test_add_func("/ctl/host/restore", test_restore);
    g_test_add_func("/ctl/host/plan", test_plan);
    g_test_add_func("/ctl/host/last-host-stop", test_last_host_stop);
    g_test_add_func("/ctl/host/host-stop-by-id", test_host_stop_by_id);
    g_test_add_func("/ctl/host/doctor", test_doctor);
    return g_test_run();
}

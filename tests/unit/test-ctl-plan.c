/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "bus-client.h"
#include "ctl-fixture.h"
#include "vs-test.h"

/* plan, blame, plot: virtstopctl about the host going down. */

#define RECORD(name, took, cause, outcome)                                                         \
    "{\"schema\":1,\"time\":\"2026-11-23T02:10:00.000000Z\",\"boot_id\":\"b\",\"uri\":\"" TEST_URI \
    "\",\"domain\":{\"name\":\"" name "\",\"uuid\":\"" name "\"},\"cause\":\"" cause               \
    "\",\"clean\":true,\"request\":{\"outcome\":\"" outcome                                        \
    "\",\"steps\":[]},\"host_shutdown\":true,\"took_ms\":" took "}"

#define WEB1 RECORD("web1", "1800", "guest-agent", "clean")
#define DB1  RECORD("db1", "62000", "destroyed", "forced")

static void
show(BusFixture *fixture, CtlRun *run, const char *const *words)
{
    g_assert_true(ctl_start(run, words, -1));
    ctl_await_end(fixture, run);
}

static bool
set_up(BusFixture *fixture)
{
    if (!ctl_fixture_set_up(fixture))
        return false;
    g_ptr_array_add(fixture->records, g_strdup(WEB1));
    g_ptr_array_add(fixture->records, g_strdup(DB1));
    return true;
}

static void
test_blame(void)
{
    static const char *const words[] = {"blame", NULL};
    static const char *const json[] = {"blame", "--json=short", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!set_up(&fixture))
        return;
    show(&fixture, &run, words);
    g_assert_cmpstr(run.out->str, ==,
                    "   TOOK  DOMAIN  CAUSE        OUTCOME\n"
                    "1min 2s  db1     destroyed    forced\n"
                    "  1.8 s  web1    guest-agent  clean\n");
    assert_ctl(&run, 0, "");
    show(&fixture, &other, json);
    g_assert_cmpstr(other.out->str, ==, DB1 "\n" WEB1 "\n");
    bus_fixture_tear_down(&fixture);
}

static void
test_no_host_stop(void)
{
    static const char *const blame[] = {"blame", NULL};
    static const char *const plot[] = {"plot", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_ptr_array_add(fixture.records, g_strdup("{\"schema\":1,\"host_shutdown\":false}"));
    show(&fixture, &run, blame);
    assert_ctl(&run, 1, "No host stop is recorded: none of the 1 records");
    show(&fixture, &other, plot);
    assert_ctl(&other, 1, "No host stop is recorded");
    g_assert_cmpstr(other.out->str, ==, "");
    bus_fixture_tear_down(&fixture);
}

static void
test_plot(void)
{
    static const char *const words[] = {"plot", NULL};
    static const GMarkupParser parser = {0};
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, NULL, NULL);
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!set_up(&fixture))
        return;
    show(&fixture, &run, words);
    assert_ctl(&run, 0, "<svg ");
    assert_ctl(&run, 0, ">web1</text>");
    g_assert_true(g_markup_parse_context_parse(context, run.out->str, -1, NULL));
    g_assert_true(g_markup_parse_context_end_parse(context, NULL));
    bus_fixture_tear_down(&fixture);
}

/* A virtstopd that answers Plan() as it is told. */

static uint64_t asked_budget;

static int
on_plan(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    const char *name, *answer = userdata;

    asked_budget = 0;
    sd_bus_message_enter_container(call, 'a', "{sv}");
    if (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
        sd_bus_message_read(call, "s", &name);
        g_assert_cmpstr(name, ==, "budget");
        g_assert_cmpint(sd_bus_message_read(call, "v", "t", &asked_budget), >, 0);
    }
    return sd_bus_reply_method_return(call, "s", answer);
}

static const sd_bus_vtable planner[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Plan", "a{sv}", "s", on_plan, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static bool
set_up_planner(BusFixture *fixture, const char *answer)
{
    if (!bus_fixture_set_up_bus(fixture))
        return false;
    bus_fixture_connect_client(fixture);
    g_assert_cmpint(sd_bus_add_object_vtable(fixture->client, NULL, "/org/virtstop1",
                                             "org.virtstop1.Manager", planner, (void *)answer),
                    >=, 0);
    g_assert_cmpint(sd_bus_request_name(fixture->client, "org.virtstop1", 0), >=, 0);
    return true;
}

#define PLAN                                                                                       \
    "{\"total_ms\":4000,\"slowest_ms\":9000,\"worst_ms\":180000,\"guests\":[{\"name\":\"web1\","   \
    "\"priority\":0,\"start_ms\":0,\"took_ms\":4000,\"slowest_ms\":9000,\"worst_ms\":180000,"      \
    "\"forced\":false,\"outcome\":\"clean\",\"waits_for\":null,\"steps\":[]}]}"

static void
test_plan(void)
{
    static const char *const words[] = {"plan", "--budget=2min", NULL};
    static const char *const json[] = {"plan", "--json=short", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!set_up_planner(&fixture, PLAN))
        return;
    show(&fixture, &run, words);
    assert_ctl(&run, 0, "1  web1    -              0  4.0 s    9.0 s     3min  clean\n");
    assert_ctl(&run, 0, "Expected time: 4.0 s. As slow as each ever was: 9.0 s.");
    g_assert_cmpuint(asked_budget, ==, 120 * G_USEC_PER_SEC);
    show(&fixture, &other, json);
    g_assert_cmpstr(other.out->str, ==, PLAN "\n");
    g_assert_cmpuint(asked_budget, ==, 0);
    bus_fixture_tear_down(&fixture);
}

static void
test_plan_unreadable(void)
{
    static const char *const words[] = {"plan", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!set_up_planner(&fixture, "[]"))
        return;
    show(&fixture, &run, words);
    assert_ctl(&run, 1, "virtstopd's answer can't be read: ");
    g_assert_cmpstr(run.out->str, ==, "");
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    g_setenv("TZ", "UTC", TRUE);
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/plan/blame", test_blame);
    g_test_add_func("/ctl/plan/no-host-stop", test_no_host_stop);
    g_test_add_func("/ctl/plan/plot", test_plot);
    g_test_add_func("/ctl/plan/plan", test_plan);
    g_test_add_func("/ctl/plan/plan-unreadable", test_plan_unreadable);
    return g_test_run();
}

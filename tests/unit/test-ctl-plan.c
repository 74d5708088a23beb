/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "bus-client.h"
#include "ctl-fixture.h"
#include "util/json.h"
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
                    "      What: The host going down\n"
                    "     Began: 2026-11-23 02:08:58 UTC\n"
                    "   Outcome: 2 guests: 2 clean; 1 min 2 s\n\n"
                    "     TOOK  DOMAIN  CAUSE        OUTCOME\n"
                    "1 min 2 s  db1     destroyed    forced\n"
                    "    1.8 s  web1    guest-agent  clean\n");
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
    assert_ctl(&run, 1, "No host stop is recorded: 1 record was looked at");
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
    assert_ctl(&run, 0, "1  web1    -              0  4 s      9 s    3 min  clean\n");
    assert_ctl(&run, 0, "Expected time: 4 s. As slow as each ever was: 9 s. At most");
    g_assert_cmpuint(asked_budget, ==, 120 * G_USEC_PER_SEC);
    show(&fixture, &other, json);
    g_assert_cmpstr(other.out->str, ==, PLAN "\n");
    g_assert_cmpuint(asked_budget, ==, 0);
    bus_fixture_tear_down(&fixture);
}

#define SHORT_GUEST(name, rest) "{\"name\":\"" name "\",\"start_ms\":0,\"took_ms\":4000," rest "}"

#define SHORT                                                                                      \
    "{\"total_ms\":4000,\"soonest_ms\":1000,\"slowest_ms\":4000,\"worst_ms\":15750,"               \
    "\"budget_ms\":3000,\"needed_ms\":46000,\"guests\":[" SHORT_GUEST(                             \
        "slow",                                                                                    \
        "\"outcome\":"                                                                             \
        "\"forced\",\"cut_"                                                                        \
        "short\":true,"                                                                            \
        "\"needs_ms\":"                                                                            \
        "31000") "," SHORT_GUEST("odd", "\"outcome\":\"forced\",\"cut_short\":true,\"needs_ms\":"  \
                                        "null") "," SHORT_GUEST("new", "\"outcome"                 \
                                                                       "\":"                       \
                                                                       "\"unknown"                 \
                                                                       "\"") "]}"

/* What isn't known, and where the budget can't be kept, stands below the table. */
static void
test_plan_short(void)
{
    static const char *const words[] = {"plan", "--budget=3s", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!set_up_planner(&fixture, SHORT))
        return;
    show(&fixture, &run, words);
    assert_ctl(&run, 0, "  unknown\n");
    assert_ctl(&run, 0,
               "How it comes out is not known of 1 guest: it takes between 1 s and 4 s, as it "
               "obeys or doesn't.\n"
               "The budget of 3 s is too short for slow (would be off after 31 s), odd.\n"
               "A budget of 46 s would do.\n"
               "The budget of 3 s is not kept where destroys are slow: then it takes 15.8 s.\n");
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

/* The daemon itself, as it was built, with guests of libvirt's test driver. */

#define UUID_OF(n) "00000000-0000-0000-0000-00000000000" n

#define NODE_GUEST(name, n, state)                                                                 \
    "<domain type='test' xmlns:t='http://libvirt.org/schemas/domain/test/1.0'><name>" name         \
    "</name><uuid>" UUID_OF(n) "</uuid><memory>65536</memory><os><type>hvm</type></os>"            \
                               "<t:runstate>" state "</t:runstate></domain>"

#define PAST(uri, n, method, cause, took)                                                          \
    "{\"uri\":\"%" uri "\",\"domain\":{\"uuid\":\"" UUID_OF(                                       \
        n) "\"},\"time\":\"2026-11-23T03:00:00.000000Z\",\"cause\":\"" cause                       \
           "\",\"request\":{\"steps\":[{\"method\":\"" method                                      \
           "\",\"started\":\"2026-11-23T02:00:00.000000Z\",\"took_ms\":" took                      \
           ",\"result\":\"-\"}]},\"took_ms\":" took "}\n"

#define PRESSED(uri, took) PAST(uri, "1", "power-button", "power-button", took)

typedef struct Daemon {
    char *state, *uri;
    GPid pid;
    int status;
    bool ended;
} Daemon;

static void
set_up_child(gpointer userdata)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void
on_end(GPid pid, gint status, gpointer userdata)
{
    Daemon *daemon = userdata;

    daemon->status = status;
    daemon->ended = true;
}

/* Writes @text to @name in the state directory, with the daemon's URI for each "%s". */
static void
write_state(const Daemon *daemon, const char *name, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "%s", -1);
    g_autofree char *whole = g_strjoinv(daemon->uri, parts);
    g_autofree char *path = vs_test_write(daemon->state, name, whole);
}

static void
start_daemon(Daemon *daemon, BusFixture *fixture)
{
    const char *builddir = g_getenv("top_builddir") ? g_getenv("top_builddir") : ".";
    g_autofree char *program = g_build_filename(builddir, "virtstopd", NULL);
    char *argv[] = {program, (char *)"--uri", daemon->uri, NULL};
    g_autoptr(sd_bus_message) owned = NULL;
    g_auto(GStrv) environment = g_get_environ();
    g_autoptr(GError) error = NULL;

    environment = g_environ_setenv(environment, "STATE_DIRECTORY", daemon->state, TRUE);
    environment = g_environ_setenv(environment, "RUNTIME_DIRECTORY", daemon->state, TRUE);
    environment = g_environ_setenv(environment, "CONFIGURATION_DIRECTORY", daemon->state, TRUE);
    g_spawn_async(NULL, argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, set_up_child, NULL,
                  &daemon->pid, &error);
    g_assert_no_error(error);
    g_child_watch_add(daemon->pid, on_end, daemon);
    /* It takes the name when it has listed its guests. */
    owned = bus_fixture_await(fixture, "/org/freedesktop/DBus", "NameOwnerChanged");
}

static void
end_daemon(Daemon *daemon, BusFixture *fixture)
{
    g_assert_cmpint(kill(daemon->pid, SIGTERM), ==, 0);
    while (!daemon->ended)
        bus_fixture_turn(fixture);
    g_assert_cmpint(daemon->status, ==, 0);
    g_spawn_close_pid(daemon->pid);
    g_free(daemon->state);
    g_free(daemon->uri);
}

static void
assert_planned(json_object *plan, const char *name, const char *outcome, int64_t median,
               int64_t longest, int64_t took, int64_t slowest)
{
    json_object *guests = vs_json_array(plan, "guests"), *guest = NULL;
    const char *const keys[] = {"median_ms", "longest_ms", "took_ms", "slowest_ms"};
    const int64_t expected[] = {median, longest, took, slowest};

    for (size_t i = 0; i < json_object_array_length(guests); i++)
        if (g_str_equal(vs_json_string(json_object_array_get_idx(guests, i), "name", ""), name))
            guest = json_object_array_get_idx(guests, i);
    g_assert_nonnull(guest);
    g_assert_cmpstr(vs_json_string(guest, "outcome", ""), ==, outcome);
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        int64_t ms = 0;

        vs_json_int(guest, keys[i], &ms);
        g_assert_cmpint(ms, ==, expected[i]);
    }
}

/* Each guest as its past stops tell, of all that the records hold. */
static void
test_past(void)
{
    static const char *const words[] = {"plan", "--json=short", NULL};
    g_autofree char *node = NULL;
    g_autoptr(json_object) plan = NULL;
    g_auto(CtlRun) run = {0};
    Daemon daemon = {0};
    BusFixture fixture;

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    daemon.state = g_build_filename(vs_test_dir(), "state", NULL);
    g_assert_cmpint(g_mkdir(daemon.state, 0755), ==, 0);
    node = vs_test_write(daemon.state, "node.xml",
                         "<node>" NODE_GUEST("web", "1", "1") NODE_GUEST("saved", "2", "1")
                             NODE_GUEST("new", "3", "1") NODE_GUEST("paused", "4", "3") "</node>");
    daemon.uri = g_strconcat("test://", node, NULL);
    write_state(&daemon, "virtstop.conf",
                "[Default]\nLadder=power-button:30s destroy\n"
                "[Guest saved]\nLadder=save:60s destroy\n");
    write_state(&daemon, "stops.jsonl",
                PRESSED("s", "4000") PRESSED("s", "3000") PRESSED("s", "9000")
                    PAST("s", "1", "power-button", "destroyed", "31000") PRESSED("s/other", "20000")
                        PAST("s", "2", "agent", "guest-agent", "5000")
                            PAST("s", "2", "save", "saved", "12000")
                                PAST("s", "4", "power-button", "power-button", "7000"));
    bus_fixture_connect_client(&fixture);
    start_daemon(&daemon, &fixture);
    show(&fixture, &run, words);
    plan = vs_json_parse_object(run.out->str, NULL);
    g_assert_nonnull(plan);
    assert_planned(plan, "web", "clean", 4000, 9000, 4000, 9000);
    assert_planned(plan, "saved", "clean", 12000, 12000, 12000, 12000);
    assert_planned(plan, "new", "unknown", 0, 0, 31000, 31000);
    assert_planned(plan, "paused", "clean", 7000, 7000, 7000, 7000);
    end_daemon(&daemon, &fixture);
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
    g_test_add_func("/ctl/plan/plan-short", test_plan_short);
    g_test_add_func("/ctl/plan/plan-unreadable", test_plan_unreadable);
    g_test_add_func("/ctl/plan/past", test_past);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-client.h"
#include "ctl-fixture.h"
#include "vs-test.h"

/* Which guests the verbs' arguments mean: names, globs, and slips. */

#define STAR_UUID   "11111111-2222-4333-8444-555555555503"
#define WEB2_UUID   "11111111-2222-4333-8444-555555555504"
#define NUMBER_UUID "11111111-2222-4333-8444-555555555505"

/* Each word of @words, with spaces between them, is one of the command line. */
static void
check(BusFixture *fixture, const char *words, int status, const char *said)
{
    g_auto(GStrv) argv = g_strsplit(words, " ", -1);
    g_auto(CtlRun) run = {0};

    g_assert_true(ctl_start(&run, (const char *const *)argv, -1));
    ctl_await_end(fixture, &run);
    assert_ctl(&run, status, said);
}

static bool
is_stopping(const BusFixture *fixture, const char *uuid)
{
    return vs_engine_find(fixture->engine, TEST_URI, uuid)->stop != NULL;
}

static void
test_glob(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_add_guest(&fixture, TEST_URI, WEB2_UUID, "web2", 3);
    check(&fixture, "stop --no-wait web*", 0, "");
    g_assert_true(is_stopping(&fixture, WEB1_UUID) && is_stopping(&fixture, WEB2_UUID));
    g_assert_false(is_stopping(&fixture, DB1_UUID));
    check(&fixture, "extend web[1] 10s", 0, "");
    check(&fixture, "cancel web[2-9]", 0, "");
    g_assert_true(is_stopping(&fixture, WEB1_UUID) && !is_stopping(&fixture, WEB2_UUID));
    check(&fixture, "cancel web1 *", 0, ""); /* twice the same one */
    g_assert_false(is_stopping(&fixture, WEB1_UUID));
    check(&fixture, "cancel web*", 1, "cancel: No stop of a guest that “web*” means is in flight");
    check(&fixture, "escalate mail* db*", 1, "escalate: No guest matches “mail*”");
    bus_fixture_tear_down(&fixture);
}

static void
test_nobody(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    check(&fixture, "stop mail*", 4, "stop: No guest matches “mail*”");
    check(&fixture, "stop --uri=" OTHER_URI " web*", 4, "stop: No guest matches “web*”");
    check(&fixture, "status mail?", 4, "status: No guest matches “mail?”");
    check(&fixture, "why mail*", 4, "why: No guest matches “mail*”");
    check(&fixture, "show-policy mail*", 4, "show-policy: No guest matches “mail*”");
    /* The others are done all the same. */
    check(&fixture, "stop --no-wait mail* web*", 4, "No guest matches “mail*”");
    g_assert_true(is_stopping(&fixture, WEB1_UUID));
    bus_fixture_tear_down(&fixture);
}

/* Whoever is called so is meant, and nobody else. */
static void
test_name_like_glob(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_add_guest(&fixture, TEST_URI, STAR_UUID, "web*", 3);
    check(&fixture, "stop --no-wait web*", 0, "");
    g_assert_true(is_stopping(&fixture, STAR_UUID));
    g_assert_false(is_stopping(&fixture, WEB1_UUID));
    check(&fixture, "stop --no-wait w*", 0, "");
    g_assert_true(is_stopping(&fixture, WEB1_UUID));
    bus_fixture_tear_down(&fixture);
}

/* As a name "1" is somebody's id. */
static void
test_name_like_id(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_add_guest(&fixture, TEST_URI, NUMBER_UUID, "1", 3);
    check(&fixture, "stop --no-wait ?", 0, "");
    g_assert_true(is_stopping(&fixture, NUMBER_UUID));
    g_assert_false(is_stopping(&fixture, WEB1_UUID));
    bus_fixture_tear_down(&fixture);
}

/* Those that are off already are none to be stopped, where there are others. */
static void
test_running(void)
{
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    bus_fixture_end_guest(&fixture, DB1_UUID, "db1", VS_STOPPED_SHUTDOWN);
    check(&fixture, "stop --no-wait *", 0, "");
    g_assert_true(is_stopping(&fixture, WEB1_UUID));
    bus_fixture_tear_down(&fixture);
}

/* A guest that is gone is known by its records, and what is told of several has their names. */
static void
test_why(void)
{
#define RECORD(name)                                                                               \
    "{\"schema\":1,\"time\":\"2026-11-23T02:10:00.000000Z\",\"uri\":\"" TEST_URI                   \
    "\",\"domain\":{\"name\":\"" name "\",\"uuid\":\"" STAR_UUID                                   \
    "\",\"id\":1},\"cause\":\"crashed\",\"clean\":false,\"confidence\":\"certain\","               \
    "\"request\":null,\"took_ms\":1800,\"evidence\":[]}"
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    g_ptr_array_add(fixture.records, g_strdup(RECORD("mail1")));
    g_ptr_array_add(fixture.records, g_strdup(RECORD("mail2")));
    check(&fixture, "why mail*", 0, "\nmail1\n");
    check(&fixture, "why mail*", 0, "mail2\n");
    bus_fixture_tear_down(&fixture);
#undef RECORD
}

static void
test_hints(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *file = g_build_filename(dir, "webs", NULL);
    BusFixture fixture;

    if (!ctl_fixture_set_up(&fixture))
        return;
    check(&fixture, "stop wbe1", 4, "Did you mean “web1”?");
    check(&fixture, "history wbe1", 4, "Did you mean “web1”?");
    check(&fixture, "why frobnicate", 4, "frobnicate");
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    g_autofree char *words = g_strdup_printf("stop %s", file);
    check(&fixture, words, 4, "is a file here: the shell makes such names");
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/guests/glob", test_glob);
    g_test_add_func("/ctl/guests/nobody", test_nobody);
    g_test_add_func("/ctl/guests/name-like-glob", test_name_like_glob);
    g_test_add_func("/ctl/guests/name-like-id", test_name_like_id);
    g_test_add_func("/ctl/guests/running", test_running);
    g_test_add_func("/ctl/guests/why", test_why);
    g_test_add_func("/ctl/guests/hints", test_hints);
    return g_test_run();
}

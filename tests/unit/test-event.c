/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/event.h"

#include "vs-test.h"

/* The words for what libvirt and QEMU tell, as records have them and traces are read. */

/* By libvirt's numbers; what stands after a kind of event are its details. */
static const char *const words[][12] = {
    {"defined", "added", "updated", "renamed", "from-snapshot"},
    {"undefined", "removed", "renamed"},
    {"started", "booted", "migrated", "restored", "from-snapshot", "wakeup", "recovered"},
    {"suspended", "paused", "migrated", "ioerror", "watchdog", "restored", "from-snapshot",
     "api-error", "postcopy", "postcopy-failed", "guest-shutdown"},
    {"resumed", "unpaused", "migrated", "from-snapshot", "postcopy", "postcopy-failed"},
    {"stopped", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from-snapshot",
     "recreated"},
    {"shutdown", "finished", "guest", "host"},
    {"pmsuspended", "memory", "disk"},
    {"crashed", "panicked", "crashloaded"},
};
#define N_TYPES (int)G_N_ELEMENTS(words)

static void
check_detail(int type, int detail)
{
    int number = -1;

    g_assert_cmpstr(vs_lifecycle_detail_name(type, detail), ==, words[type][detail + 1]);
    g_assert_true(vs_lifecycle_detail_parse(type, words[type][detail + 1], &number));
    g_assert_cmpint(number, ==, detail);
}

static void
test_lifecycle(void)
{
    for (int type = 0; type < N_TYPES; type++) {
        int number = -1, detail;

        g_assert_cmpstr(vs_lifecycle_name(type), ==, words[type][0]);
        g_assert_true(vs_lifecycle_parse(words[type][0], &number));
        g_assert_cmpint(number, ==, type);
        for (detail = 0; words[type][detail + 1]; detail++)
            check_detail(type, detail);
        g_assert_cmpstr(vs_lifecycle_detail_name(type, detail), ==, "unknown");
    }
}

/* libvirt's next version may have more of them. */
static void
test_unknown(void)
{
    int number = 42;

    for (int i = -1; i <= N_TYPES; i += N_TYPES + 1) {
        g_assert_cmpstr(vs_lifecycle_name(i), ==, "unknown");
        g_assert_cmpstr(vs_lifecycle_detail_name(i, 0), ==, "unknown");
        g_assert_false(vs_lifecycle_detail_parse(i, "added", &number));
    }
    g_assert_cmpstr(vs_lifecycle_detail_name(0, -1), ==, "unknown");
    g_assert_cmpstr(vs_lifecycle_detail_name(0, 12), ==, "unknown");
    g_assert_false(vs_lifecycle_parse("frozen", &number));
    g_assert_false(vs_lifecycle_detail_parse(0, "frozen", &number));
    g_assert_false(vs_watchdog_parse("bark", &number));
    g_assert_cmpint(number, ==, 42);
}

static void
test_watchdog(void)
{
    static const char *const actions[] = {"none",     "pause", "reset",    "poweroff",
                                          "shutdown", "debug", "injectnmi"};
    int number = -1;

    for (int i = 0; i < (int)G_N_ELEMENTS(actions); i++) {
        g_assert_cmpstr(vs_watchdog_name(i), ==, actions[i]);
        g_assert_true(vs_watchdog_parse(actions[i], &number));
        g_assert_cmpint(number, ==, i);
    }
    g_assert_cmpstr(vs_watchdog_name(-1), ==, "unknown");
    g_assert_cmpstr(vs_watchdog_name((int)G_N_ELEMENTS(actions)), ==, "unknown");
}

/* Who asked: what a process calls itself, and it may call itself anything, is cut. */
static void
test_requester(void)
{
    g_autofree char *endless = g_strnfill(2 * VS_EVENT_MAX_COMM, 'x');
    VsRequester by = {.uid = 1000,
                      .logged_in = true,
                      .login_uid = 1001,
                      .user = endless,
                      .pid = 42,
                      .comm = endless,
                      .unit = (char *)"ups.service"};
    VsRequester copy;

    vs_requester_copy(&copy, &by);
    g_assert_cmpuint(copy.uid, ==, 1000);
    g_assert_true(copy.logged_in);
    g_assert_cmpuint(copy.login_uid, ==, 1001);
    g_assert_cmpint(copy.pid, ==, 42);
    g_assert_cmpuint(strlen(copy.user), <=, VS_EVENT_MAX_COMM);
    g_assert_cmpuint(strlen(copy.comm), <=, VS_EVENT_MAX_COMM);
    g_assert_cmpstr(copy.unit, ==, "ups.service");
    vs_requester_clear(&copy);
    g_assert_null(copy.user);
    g_assert_null(copy.comm);
    g_assert_null(copy.unit);

    by = (VsRequester){0};
    vs_requester_copy(&copy, &by);
    g_assert_null(copy.user);
    g_assert_null(copy.comm);
    g_assert_null(copy.unit);
    g_assert_false(copy.logged_in);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/event/lifecycle", test_lifecycle);
    g_test_add_func("/event/unknown", test_unknown);
    g_test_add_func("/event/watchdog", test_watchdog);
    g_test_add_func("/event/requester", test_requester);
    return g_test_run();
}

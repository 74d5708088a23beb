/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib-unix.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus-client.h"
#include "bus/connect.h"
#include "bus/service.h"
#include "bus/user-names.h"
#include "util/error.h"
#include "vs-test.h"

/* The service on a bus that isn't there, goes away, has the name taken; other users; logind. */

#define NOBODY 65534

static const char *const no_uris[] = {NULL};

static bool
no_request(const VsEvent *event, VsUuid *ret_stop, GError **error, void *userdata)
{
    return true;
}

static const VsBusOps no_ops = {.request = no_request};

static void
test_no_bus(void)
{
    g_autofree char *address = g_strdup_printf("unix:path=%s/none", vs_test_dir());
    static const uint8_t seed[16] = "";
    VsBusConfig config = {.uris = no_uris};
    g_autoptr(GError) error = NULL;
    g_autoptr(VsEngine) engine = NULL;
    g_autoptr(VsBus) bus = NULL;
    VsPolicy policy;

    vs_policy_init(&policy);
    engine = vs_engine_new(seed, &policy);
    vs_policy_clear(&policy);
    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
    bus = vs_bus_new(&config, engine, &no_ops, NULL);
    g_assert_false(vs_bus_start(bus, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED);
    vs_bus_tell_record(bus, NULL, "{}");
    vs_bus_tell_connections(bus);
}

static void
test_name_taken(void)
{
    VsBusConfig config = {.uris = no_uris};
    g_autoptr(GError) error = NULL;
    g_autoptr(VsBus) second = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    second = vs_bus_new(&config, fixture.engine, &no_ops, NULL);
    g_assert_false(vs_bus_start(second, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED);
    g_assert_nonnull(strstr(error->message, "another virtstopd"));
    g_clear_pointer(&second, vs_bus_free);
    bus_fixture_tear_down(&fixture);
}

/* Who sees the name hears all that changes from then on, also what changes before we know that it
 * is ours. */
static void
test_told_at_once(void)
{
    VsBusConfig config = {.uris = no_uris};
    g_autoptr(sd_bus_message) property = NULL;
    const char *ladder = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    bus_fixture_connect_client(&fixture);
    fixture.bus = vs_bus_new(&config, fixture.engine, &no_ops, NULL);
    vs_bus_connect(fixture.bus);
    vs_bus_tell_policy(fixture.bus, "leave");
    property = bus_fixture_await_property(&fixture, "/org/virtstop1", "Ladder");
    sd_bus_message_read(property, "s", &ladder);
    g_assert_cmpstr(ladder, ==, "leave");
    bus_fixture_tear_down(&fixture);
}

static void
test_bus_restarted(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    bus_fixture_start(&fixture);
    vs_private_bus_kill(fixture.daemon);
    /* Nobody hears this; it must do no harm, and the picture is whole afterwards. */
    bus_fixture_add_guest(&fixture, TEST_URI, "11111111-2222-4333-8444-555555555503", "web2", 3);
    g_main_context_iteration(NULL, TRUE);

    vs_private_bus_start(fixture.daemon);
    bus_fixture_connect_client(&fixture);
    bus_fixture_await_service(&fixture);
    reply = bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", "web2", 0);
    assert_ok(reply);
    bus_fixture_tear_down(&fixture);
}

/* --- another user --- */

typedef struct Forbidden {
    const char *method, *types;
    uint64_t usec; /* where @types has one */
} Forbidden;

static const Forbidden forbidden[] = {
    {"Stop", "sa{sv}"},     {"Cancel", "sa{sv}"},
    {"Escalate", "sa{sv}"}, {"Extend", "sta{sv}", 1000000},
    {"Reload", NULL},
};

static bool
is_refused(sd_bus *bus, const Forbidden *call)
{
    g_auto(sd_bus_error) error = SD_BUS_ERROR_NULL;

    if (call->usec > 0)
        sd_bus_call_method(bus, "org.virtstop1", "/org/virtstop1", "org.virtstop1.Manager",
                           call->method, &error, NULL, call->types, "web1", call->usec, 0);
    else
        sd_bus_call_method(bus, "org.virtstop1", "/org/virtstop1", "org.virtstop1.Manager",
                           call->method, &error, NULL, call->types, "web1", 0);
    return sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED);
}

/* Straight to the service: no match of the bus stands between. */
static int
pretend_to_be_logind(sd_bus *bus)
{
    g_autoptr(sd_bus_message) signal = NULL;

    if (sd_bus_request_name(bus, "org.freedesktop.login1", 0) < 0)
        return -1;
    sd_bus_message_new_signal(bus, &signal, "/org/freedesktop/login1",
                              "org.freedesktop.login1.Manager", "PrepareForShutdown");
    sd_bus_message_append(signal, "b", true);
    return sd_bus_send_to(bus, signal, "org.virtstop1", NULL);
}

/* The exit status says what went wrong; 77: it can't be tried here. */
static int
be_nobody(void)
{
    sd_bus *bus;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) < 0 || sd_bus_open_system(&bus) < 0)
        return 77;
    for (unsigned i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (!is_refused(bus, &forbidden[i]))
            return 1 + (int)i;
    }
    if (pretend_to_be_logind(bus) < 0)
        return 20;
    /* Reading is for everybody; and when this is answered, the signal has been heard. */
    if (sd_bus_call_method(bus, "org.virtstop1", "/org/virtstop1", "org.virtstop1.Manager",
                           "ListDomains", NULL, NULL, NULL) < 0)
        return 21;
    return 0;
}

static void
on_exit_status(GPid pid, int status, gpointer userdata)
{
    *(int *)userdata = status;
}

/* Names are looked up one after the other: by the next one's turn this one's is over. */
static void
assert_not_looked_up(BusFixture *fixture, uid_t uid)
{
    const uid_t next = 1; /* "daemon" */

    vs_bus_user_names_learn(fixture->bus, next);
    while (!vs_bus_user_names_get(fixture->bus, next))
        bus_fixture_turn(fixture);
    g_assert_null(vs_bus_user_names_get(fixture->bus, uid));
}

/* Who runs virtstopd is named from the first request on. */
static void
test_own_name(void)
{
    int64_t end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
    VsBus bus = {0};

    if (getuid() != 0) {
        g_test_skip("only root can become somebody else");
        return;
    }
    g_assert_cmpint(seteuid(1), ==, 0);
    vs_bus_user_names_init(&bus);
    g_assert_cmpint(seteuid(0), ==, 0);
    while (!vs_bus_user_names_get(&bus, 1) && g_get_monotonic_time() < end)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    g_assert_cmpstr(vs_bus_user_names_get(&bus, 1), ==, "daemon");
    vs_bus_user_names_clear(&bus);
}

static void
test_other_user(void)
{
    BusFixture fixture;
    int status = -1;
    pid_t pid;

    if (getuid() != 0) {
        g_test_skip("only root can become somebody else");
        return;
    }
    if (!bus_fixture_set_up(&fixture))
        return;
    pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        _exit(be_nobody());
    g_child_watch_add(pid, on_exit_status, &status);
    while (status == -1)
        bus_fixture_turn(&fixture);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        g_test_skip("nobody can't reach the bus, its directory is closed to them");
    } else {
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
        g_assert_cmpuint(fixture.n_requests + fixture.n_reloads, ==, 0);
        g_assert_false(fixture.host_shutdown);
        assert_not_looked_up(&fixture, NOBODY);
    }
    bus_fixture_tear_down(&fixture);
}

/* --- logind --- */

static int
get_preparing(sd_bus *bus, const char *path, const char *interface, const char *property,
              sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "b", *(int *)userdata);
}

static int inhibitors[2] = {-1, -1}; /* the last two, our ends: at their end when let go */
static unsigned n_inhibited;

static int
on_inhibit(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    const char *what, *who, *why, *mode;
    int fds[2], r;

    sd_bus_message_read(call, "ssss", &what, &who, &why, &mode);
    if (!g_str_equal(what, "shutdown") || !g_str_equal(mode, "delay") ||
        !g_unix_open_pipe(fds, FD_CLOEXEC, NULL))
        return -EINVAL;
    inhibitors[n_inhibited++ % 2] = fds[0];
    r = sd_bus_reply_method_return(call, "h", fds[1]);
    close(fds[1]);
    return r;
}

static bool
is_held(int inhibitor)
{
    struct pollfd fd = {.fd = inhibitor, .events = POLLIN};

    return poll(&fd, 1, 0) == 0;
}

static void
close_inhibitors(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(inhibitors); i++)
        if (inhibitors[i] >= 0)
            close(inhibitors[i]);
    inhibitors[0] = inhibitors[1] = -1;
    n_inhibited = 0;
}

static const sd_bus_vtable logind_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Inhibit", "ssss", "h", on_inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("PreparingForShutdown", "b", get_preparing, 0, 0),
    SD_BUS_SIGNAL("PrepareForShutdown", "b", 0),
    SD_BUS_SIGNAL("PrepareForShutdownWithMetadata", "ba{sv}", 0),
    SD_BUS_VTABLE_END,
};

static int preparing;

static void
play_logind(BusFixture *fixture)
{
    g_assert_cmpint(sd_bus_add_object_vtable(fixture->client, NULL, "/org/freedesktop/login1",
                                             "org.freedesktop.login1.Manager", logind_vtable,
                                             &preparing),
                    >=, 0);
    g_assert_cmpint(sd_bus_request_name(fixture->client, "org.freedesktop.login1", 0), >=, 0);
}

/* What it says, it also answers to whoever asks: virtstopd may ask between the two. */
static void
say_shutdown(BusFixture *fixture, bool active)
{
    preparing = active;
    g_assert_cmpint(sd_bus_emit_signal(fixture->client, "/org/freedesktop/login1",
                                       "org.freedesktop.login1.Manager", "PrepareForShutdown", "b",
                                       (int)active),
                    >=, 0);
}

static void
test_logind_signal(void)
{
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    preparing = false;
    play_logind(&fixture);
    for (int i = 0; i < 2; i++) {
        g_autoptr(sd_bus_message) property = NULL;
        int active;

        say_shutdown(&fixture, i == 0);
        property = bus_fixture_await_property(&fixture, "/org/virtstop1", "HostShutdown");
        sd_bus_message_read(property, "b", &active);
        g_assert_cmpint(active, ==, i == 0);
        g_assert_cmpint(fixture.last_type, ==, VS_EVENT_HOST_SHUTDOWN);
        g_assert_cmpint(fixture.host_shutdown, ==, i == 0);
    }
    bus_fixture_tear_down(&fixture);
    close_inhibitors();
}

/* As systemd 255 and later, which says both. */
static void
say_kind(BusFixture *fixture, bool active, const char *type)
{
    preparing = active;
    g_assert_cmpint(sd_bus_emit_signal(fixture->client, "/org/freedesktop/login1",
                                       "org.freedesktop.login1.Manager",
                                       "PrepareForShutdownWithMetadata", "ba{sv}", (int)active, 2,
                                       "reason", "u", 7, "type", "s", type),
                    >=, 0);
    say_shutdown(fixture, active);
}

static void
test_logind_kind(void)
{
    static const struct {
        const char *type;
        VsHostKind kind;
    } cases[] = {
        {"reboot", VS_HOST_KIND_REBOOT},
        {"power-off", VS_HOST_KIND_POWEROFF},
        {"soft-reboot", VS_HOST_KIND_SOFT_REBOOT},
        {"sleep", VS_HOST_KIND_UNKNOWN},
    };
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    preparing = false;
    play_logind(&fixture);
    while (!fixture.bus->logind)
        bus_fixture_turn(&fixture); /* it isn't believed before */
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (int active = 1; active >= 0; active--) {
            g_autoptr(sd_bus_message) property = NULL;

            say_kind(&fixture, active, cases[i].type);
            property = bus_fixture_await_property(&fixture, "/org/virtstop1", "HostShutdown");
            g_assert_cmpint(fixture.bus->host_kind, ==,
                            active ? cases[i].kind : VS_HOST_KIND_UNKNOWN);
        }
    }
    bus_fixture_tear_down(&fixture);
    close_inhibitors();
}

/* Tells the daemon what only the bus may tell: that logind is gone. */
static void
forge_logind_going(BusFixture *fixture)
{
    g_autoptr(sd_bus_message) message = NULL;
    const char *own;

    g_assert_cmpint(sd_bus_get_unique_name(fixture->bus->own, &own), >=, 0);
    g_assert_cmpint(sd_bus_message_new_signal(fixture->client, &message, "/org/freedesktop/DBus",
                                              "org.freedesktop.DBus", "NameOwnerChanged"),
                    >=, 0);
    g_assert_cmpint(sd_bus_message_append(message, "sss", "org.freedesktop.login1", "", ""), >=, 0);
    g_assert_cmpint(sd_bus_send_to(fixture->client, message, own, NULL), >=, 0);
}

/* What is said of logind by others than the bus isn't believed. */
static void
test_logind_not_gone(void)
{
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    preparing = false;
    play_logind(&fixture);
    while (!fixture.bus->logind)
        bus_fixture_turn(&fixture);
    forge_logind_going(&fixture);
    say_shutdown(&fixture, true);
    while (!fixture.host_shutdown)
        bus_fixture_turn(&fixture);
    g_assert_nonnull(fixture.bus->logind);
    bus_fixture_tear_down(&fixture);
    close_inhibitors();
}

/* The host began to go down before the daemon was there. */
static void
test_logind_was_first(void)
{
    BusFixture fixture;

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    bus_fixture_connect_client(&fixture);
    preparing = true;
    play_logind(&fixture);
    bus_fixture_start(&fixture);
    while (!fixture.host_shutdown)
        bus_fixture_turn(&fixture);
    bus_fixture_tear_down(&fixture);
    close_inhibitors();
}

/* A logind that comes after the daemon did, goes away, and comes again. */
static void
test_logind_comes_later(void)
{
    BusFixture fixture;

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    g_test_expect_message(NULL, G_LOG_LEVEL_MESSAGE, "systemd-logind won't wait for the guests *");
    bus_fixture_start(&fixture);
    bus_fixture_connect_client(&fixture);
    bus_fixture_forget(&fixture); /* the answer that there is none has come, too */
    g_test_assert_expected_messages();
    g_test_expect_message(NULL, G_LOG_LEVEL_MESSAGE, "systemd-logind waits for the guests now *");
    preparing = false;
    play_logind(&fixture);
    while (n_inhibited == 0)
        bus_fixture_turn(&fixture);
    bus_fixture_forget(&fixture);
    g_test_assert_expected_messages();
    g_assert_true(is_held(inhibitors[0]));

    g_assert_cmpint(sd_bus_release_name(fixture.client, "org.freedesktop.login1"), >=, 0);
    preparing = true;
    g_assert_cmpint(sd_bus_request_name(fixture.client, "org.freedesktop.login1", 0), >=, 0);
    while (!fixture.host_shutdown)
        bus_fixture_turn(&fixture);
    g_assert_cmpuint(n_inhibited, ==, 2);
    g_assert_false(is_held(inhibitors[0]));
    bus_fixture_tear_down(&fixture);
    close_inhibitors();
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-life/no-bus", test_no_bus);
    g_test_add_func("/bus-life/name-taken", test_name_taken);
    g_test_add_func("/bus-life/told-at-once", test_told_at_once);
    g_test_add_func("/bus-life/bus-restarted", test_bus_restarted);
    g_test_add_func("/bus-life/other-user", test_other_user);
    g_test_add_func("/bus-life/own-name", test_own_name);
    g_test_add_func("/bus-life/logind/signal", test_logind_signal);
    g_test_add_func("/bus-life/logind/kind", test_logind_kind);
    g_test_add_func("/bus-life/logind/not-gone", test_logind_not_gone);
    g_test_add_func("/bus-life/logind/was-first", test_logind_was_first);
    g_test_add_func("/bus-life/logind/comes-later", test_logind_comes_later);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "bus-client.h"
#include "vs-test.h"

/* A stop that is over stays on the bus for a while, with what came of it. */

#define STOP    "org.virtstop1.Stop"
#define MANAGER "org.virtstop1.Manager"
#define ROOT    "/org/virtstop1"

#define UNKNOWN_OBJECT "org.freedesktop.DBus.Error.UnknownObject"
#define NO_STOP        "org.virtstop1.Error.NoStopInFlight"

#define SHORT_SPAN (400 * INT64_C(1000)) /* µs */

static const char record[] = "{\"cause\":\"guest-initiated\"}";

/* With that @span, instead of a minute. */
static bool
set_up(BusFixture *fixture, int64_t span)
{
    if (!bus_fixture_set_up_bus(fixture))
        return false;
    fixture->over_span = span;
    bus_fixture_start(fixture);
    bus_fixture_connect_client(fixture);
    return true;
}

/* As the daemon tells of it: before the stop's end. */
static void
tell_record(BusFixture *fixture, const char *stop, const char *line)
{
    g_autofree char *id = bus_fixture_get_text(fixture, stop, STOP, "Id");

    vs_bus_tell_record(fixture->bus, id, line);
}

static void
end_web1(BusFixture *fixture, const char *stop)
{
    tell_record(fixture, stop, record);
    bus_fixture_end_guest(fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
}

static void
cancel(BusFixture *fixture, const char *stop)
{
    bus_fixture_do(fixture, stop, STOP, "Cancel", NULL);
}

static void
assert_gone(BusFixture *fixture, const char *stop)
{
    g_autoptr(sd_bus_message) reply = bus_fixture_call(
        fixture, stop, "org.freedesktop.DBus.Properties", "Get", "ss", STOP, "Outcome");

    assert_error(reply, UNKNOWN_OBJECT, stop);
}

static void
assert_over(BusFixture *fixture, const char *stop, const char *outcome, const char *line)
{
    assert_text(fixture, stop, STOP, "Outcome", outcome);
    assert_text(fixture, stop, STOP, "Record", line);
    assert_text(fixture, stop, STOP, "Phase", "over");
    g_assert_cmpint(bus_fixture_get_number(fixture, stop, STOP, "Deadline"), ==, -1);
}

static void
await_removed(BusFixture *fixture, const char *stop)
{
    const char *path;

    do {
        g_autoptr(sd_bus_message) signal = bus_fixture_await(fixture, ROOT, "InterfacesRemoved");

        g_assert_cmpint(sd_bus_message_read(signal, "o", &path), >, 0);
        if (g_str_equal(path, stop))
            return;
    } while (true);
}

static void
assert_nothing_in_flight(BusFixture *fixture, const char *stop)
{
    g_autoptr(sd_bus_message) list = bus_fixture_manager(fixture, "ListStops", NULL);
    g_autofree char *id = bus_fixture_get_text(fixture, stop, STOP, "Id");
    g_autoptr(sd_bus_message) none = bus_fixture_manager(fixture, "GetStop", "s", id);

    assert_ok(list);
    g_assert_cmpint(sd_bus_message_enter_container(list, 'a', "(osossstus)"), >, 0);
    g_assert_cmpint(sd_bus_message_at_end(list, false), >, 0);
    g_assert_cmpint(bus_fixture_get_number(fixture, ROOT, MANAGER, "StopsInFlight"), ==, 0);
    assert_error(none, NO_STOP, id);
}

/* What it was stays what it was; the last step has come to something. */
static void
assert_last_picture(BusFixture *fixture, const char *stop)
{
    g_autoptr(sd_bus_message) taken = bus_fixture_get(fixture, stop, STOP, "Taken");
    const char *method, *result;
    int64_t took;

    assert_text(fixture, stop, STOP, "DomainName", "web1");
    assert_text(fixture, stop, STOP, "Reason", "kernel update");
    assert_text(fixture, stop, STOP, "Ladder", "agent:1min power-button:2min destroy");
    assert_text(fixture, stop, STOP, "Step", "agent");
    g_assert_cmpint(sd_bus_message_enter_container(taken, 'a', "(stxs)"), >, 0);
    g_assert_cmpint(sd_bus_message_read(taken, "(stxs)", &method, NULL, &took, &result), >, 0);
    g_assert_cmpstr(method, ==, "agent");
    g_assert_cmpint(took, >, 0);
    g_assert_cmpstr(result, ==, "clean");
}

static void
test_read_afterwards(void)
{
    g_autoptr(sd_bus_message) reply = NULL, finished = NULL;
    g_autofree char *stop = NULL;
    const char *path;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    reply =
        bus_fixture_manager(&fixture, "Stop", "sa{sv}", "web1", 1, "reason", "s", "kernel update");
    assert_ok(reply);
    sd_bus_message_read(reply, "o", &path);
    stop = g_strdup(path);
    assert_text(&fixture, stop, STOP, "Outcome", "");
    assert_text(&fixture, stop, STOP, "Record", "");

    end_web1(&fixture, stop);
    finished = bus_fixture_await(&fixture, ROOT, "StopFinished");
    assert_over(&fixture, stop, "clean", record);
    assert_last_picture(&fixture, stop);
    assert_nothing_in_flight(&fixture, stop);
    bus_fixture_tear_down(&fixture);
}

/* The names of what a PropertiesChanged has a value for, with a comma behind each. */
static char *
changed_names(sd_bus_message *signal)
{
    GString *names = g_string_new(NULL);
    const char *name;

    sd_bus_message_rewind(signal, true);
    sd_bus_message_skip(signal, "s");
    g_assert_cmpint(sd_bus_message_enter_container(signal, 'a', "{sv}"), >, 0);
    while (sd_bus_message_enter_container(signal, 'e', "sv") > 0) {
        sd_bus_message_read(signal, "s", &name);
        g_string_append_printf(names, "%s,", name);
        sd_bus_message_skip(signal, "v");
        sd_bus_message_exit_container(signal);
    }
    return g_string_free(names, FALSE);
}

/* One signal has all of it, so that nobody has to put it together; then comes that it is over. */
static void
test_told_at_once(void)
{
    g_autoptr(sd_bus_message) changed = NULL, finished = NULL;
    g_autofree char *stop = NULL, *names = NULL;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    stop = bus_fixture_stop(&fixture, "web1");
    bus_fixture_forget(&fixture);
    end_web1(&fixture, stop);
    changed = bus_fixture_await_property(&fixture, stop, "Outcome");
    names = changed_names(changed);
    g_assert_cmpstr(names, ==, "DomainName,Step,StepIndex,Phase,Deadline,Taken,Outcome,Record,");
    finished = bus_fixture_await(&fixture, ROOT, "StopFinished");
    bus_fixture_tear_down(&fixture);
}

/* What the guest was asked can't be taken back: it may go down for it after all. */
static void
test_cancelled(void)
{
    g_autoptr(sd_bus_message) changed = NULL;
    g_autofree char *stop = NULL;
    const char *line;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    stop = bus_fixture_stop(&fixture, "web1");
    cancel(&fixture, stop);
    assert_over(&fixture, stop, "cancelled", "");
    bus_fixture_forget(&fixture);
    tell_record(&fixture, stop, record);
    changed = bus_fixture_await_property(&fixture, stop, "Record");
    sd_bus_message_read(changed, "s", &line);
    g_assert_cmpstr(line, ==, record);
    assert_over(&fixture, stop, "cancelled", record);
    bus_fixture_tear_down(&fixture);
}

/* It never was in flight, but whoever asked has a path, and can read what came of it. */
static void
test_already_off(void)
{
    g_autoptr(sd_bus_message) added = NULL, finished = NULL;
    g_autofree char *stop = NULL;
    const char *path;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_DESTROYED);
    bus_fixture_forget(&fixture);
    stop = bus_fixture_stop(&fixture, "web1");
    added = bus_fixture_await(&fixture, ROOT, "InterfacesAdded");
    sd_bus_message_read(added, "o", &path);
    g_assert_cmpstr(path, ==, stop);
    finished = bus_fixture_await(&fixture, ROOT, "StopFinished");
    assert_over(&fixture, stop, "already-off", "");
    assert_text(&fixture, stop, STOP, "DomainName", "web1");
    g_assert_cmpint(bus_fixture_get_number(&fixture, stop, STOP, "Uid"), ==, getuid());
    assert_nothing_in_flight(&fixture, stop);
    bus_fixture_tear_down(&fixture);
}

/* In flight and over within one step: "leave" asks for nothing. */
static void
test_over_before_told(void)
{
    g_autoptr(sd_bus_message) reply = NULL, added = NULL, finished = NULL;
    g_autofree char *stop = NULL;
    const char *path, *outcome;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    reply = bus_fixture_manager(&fixture, "Stop", "sa{sv}", "web1", 1, "ladder", "s", "leave");
    assert_ok(reply);
    sd_bus_message_read(reply, "o", &path);
    stop = g_strdup(path);
    added = bus_fixture_await(&fixture, ROOT, "InterfacesAdded");
    sd_bus_message_read(added, "o", &path);
    g_assert_cmpstr(path, ==, stop);
    finished = bus_fixture_await(&fixture, ROOT, "StopFinished");
    sd_bus_message_read(finished, "sooss", NULL, NULL, NULL, NULL, &outcome);
    assert_over(&fixture, stop, outcome, "");
    assert_nothing_in_flight(&fixture, stop);
    bus_fixture_tear_down(&fixture);
}

/* When the main loop wakes up next of itself: ms, -1: never. */
static int
next_wake_up(void)
{
    GMainContext *context = g_main_context_default();
    GPollFD fds[32];
    int priority, timeout;

    g_assert_true(g_main_context_acquire(context));
    g_main_context_prepare(context, &priority);
    g_main_context_query(context, priority, &timeout, fds, G_N_ELEMENTS(fds));
    g_main_context_release(context);
    return timeout;
}

static void
test_goes(void)
{
    g_autofree char *stop = NULL, *later = NULL;
    BusFixture fixture;
    int64_t over;

    if (!set_up(&fixture, SHORT_SPAN))
        return;
    stop = bus_fixture_stop(&fixture, "web1");
    over = g_get_monotonic_time();
    cancel(&fixture, stop);
    later = bus_fixture_stop(&fixture, "web1");
    await_removed(&fixture, stop);
    g_assert_cmpint(g_get_monotonic_time() - over, >=, SHORT_SPAN);
    assert_gone(&fixture, stop);
    assert_text(&fixture, later, STOP, "Phase", "asked"); /* one in flight stays */
    cancel(&fixture, later);
    assert_over(&fixture, later, "cancelled", "");
    g_assert_cmpint(next_wake_up(), >=, 0);
    await_removed(&fixture, later); /* the timer was armed anew */
    bus_fixture_forget(&fixture);
    g_assert_cmpint(next_wake_up(), ==, -1); /* nothing is over: an idle daemon sleeps */
    bus_fixture_tear_down(&fixture);
}

/* What is said of a stop that is over is not said of the next one. */
static void
test_steered_too_late(void)
{
    g_autoptr(sd_bus_message) cancelled = NULL, escalated = NULL, extended = NULL;
    g_autofree char *stop = NULL, *next = NULL;
    BusFixture fixture;
    unsigned n;

    if (!set_up(&fixture, 0))
        return;
    stop = bus_fixture_stop(&fixture, "web1");
    cancel(&fixture, stop);
    next = bus_fixture_stop(&fixture, "web1");
    g_assert_cmpstr(next, !=, stop);
    n = fixture.n_requests;
    cancelled = bus_fixture_call(&fixture, stop, STOP, "Cancel", NULL);
    assert_error(cancelled, NO_STOP, "This stop of “web1” is over (cancelled)");
    escalated = bus_fixture_call(&fixture, stop, STOP, "Escalate", NULL);
    assert_error(escalated, NO_STOP, "is over");
    extended = bus_fixture_call(&fixture, stop, STOP, "Extend", "t", (guint64)1000000);
    assert_error(extended, NO_STOP, "is over");
    g_assert_cmpuint(fixture.n_requests, ==, n);
    assert_text(&fixture, next, STOP, "Phase", "asked");
    bus_fixture_tear_down(&fixture);
}

/* All objects have to fit into one message, which the bus lets pass up to 32 MiB. */
static void
test_bounded(void)
{
    g_autofree char *first = NULL, *last = NULL, *long_text = g_strnfill(1024 * 1024, 'x');
    g_autofree char *line = g_strdup_printf("{\"cause\":\"%s\"}", long_text);
    g_autoptr(sd_bus_message) all = NULL;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    for (int i = 0; i < 20; i++) {
        g_autofree char *stop = bus_fixture_stop(&fixture, "web1");

        tell_record(&fixture, stop, line);
        cancel(&fixture, stop);
        if (!first)
            first = g_strdup(stop);
        g_free(last);
        last = g_steal_pointer(&stop);
    }
    await_removed(&fixture, first);
    assert_gone(&fixture, first);
    assert_over(&fixture, last, "cancelled", line);
    all = bus_fixture_call(&fixture, ROOT, "org.freedesktop.DBus.ObjectManager",
                           "GetManagedObjects", NULL);
    assert_ok(all);
    bus_fixture_tear_down(&fixture);
}

/* Who was away with the bus reads it when that is back. */
static void
test_bus_restarted(void)
{
    g_autofree char *stop = NULL;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    stop = bus_fixture_stop(&fixture, "web1");
    tell_record(&fixture, stop, record);
    bus_fixture_disconnect_client(&fixture);
    vs_private_bus_kill(fixture.daemon);
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);

    vs_private_bus_start(fixture.daemon);
    bus_fixture_connect_client(&fixture);
    bus_fixture_await_service(&fixture);
    assert_text(&fixture, stop, STOP, "Record", record);
    assert_text(&fixture, stop, STOP, "Phase", "over");
    bus_fixture_tear_down(&fixture);
}

/* ... but it is gone with virtstopd. */
static void
test_daemon_restarted(void)
{
    g_autofree char *stop = NULL;
    BusFixture fixture;

    if (!set_up(&fixture, 0))
        return;
    stop = bus_fixture_stop(&fixture, "web1");
    cancel(&fixture, stop);
    assert_over(&fixture, stop, "cancelled", "");
    g_clear_pointer(&fixture.bus, vs_bus_free);
    bus_fixture_start(&fixture);
    assert_gone(&fixture, stop);
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-over/read-afterwards", test_read_afterwards);
    g_test_add_func("/bus-over/told-at-once", test_told_at_once);
    g_test_add_func("/bus-over/cancelled", test_cancelled);
    g_test_add_func("/bus-over/already-off", test_already_off);
    g_test_add_func("/bus-over/over-before-told", test_over_before_told);
    g_test_add_func("/bus-over/goes", test_goes);
    g_test_add_func("/bus-over/steered-too-late", test_steered_too_late);
    g_test_add_func("/bus-over/bounded", test_bounded);
    g_test_add_func("/bus-over/bus-restarted", test_bus_restarted);
    g_test_add_func("/bus-over/daemon-restarted", test_daemon_restarted);
    return g_test_run();
}

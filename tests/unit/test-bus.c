/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "bus-client.h"
#include "vs-test.h"

/* The methods: what they do, what they answer, what they refuse. */

#define INVALID_ARGS "org.freedesktop.DBus.Error.InvalidArgs"

static void
test_stop(void)
{
    BusFixture fixture;
    g_autofree char *path = NULL;
    g_autoptr(sd_bus_message) reply = NULL, signal = NULL, property = NULL;
    const char *id, *stop, *domain, *name, *reason;
    uint32_t uid;

    if (!bus_fixture_set_up(&fixture))
        return;
    reply =
        bus_fixture_manager(&fixture, "Stop", "sa{sv}", "web1", 3, "reason", "s", "kernel update",
                            "ladder", "s", "power-button:90s leave", "uri", "s", TEST_URI);
    assert_ok(reply);
    /* The caller knows the path before anything is signalled about it. */
    g_assert_cmpuint(fixture.n_signals_before_reply, ==, 0);
    sd_bus_message_read(reply, "o", &stop);
    path = g_strdup(stop);

    signal = bus_fixture_await(&fixture, "/org/virtstop1", "StopAdded");
    g_assert_cmpint(sd_bus_message_read(signal, "soos", &id, &stop, &domain, &name), >, 0);
    g_assert_cmpstr(stop, ==, path);
    g_assert_cmpstr(name, ==, "web1");
    g_assert_true(
        g_str_has_prefix(domain, "/org/virtstop1/domain/11111111_2222_4333_8444_555555555501_"));

    g_clear_pointer(&reply, sd_bus_message_unref);
    reply = bus_fixture_get(&fixture, path, "org.virtstop1.Stop", "Reason");
    sd_bus_message_read(reply, "s", &reason);
    g_assert_cmpstr(reason, ==, "kernel update");
    property = bus_fixture_get(&fixture, path, "org.virtstop1.Stop", "Uid");
    sd_bus_message_read(property, "u", &uid);
    g_assert_cmpuint(uid, ==, getuid());
    bus_fixture_tear_down(&fixture);
}

static void
test_stop_who(void)
{
    g_autofree char *path = NULL, *comm = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    g_assert_true(g_file_get_contents("/proc/self/comm", &comm, NULL, NULL));
    path = bus_fixture_stop(&fixture, "db1");
    g_assert_cmpuint(fixture.last_by.uid, ==, getuid());
    g_assert_cmpint(fixture.last_by.pid, ==, getpid());
    g_assert_cmpstr(fixture.last_by.comm, ==, g_strchomp(comm));
    bus_fixture_tear_down(&fixture);
}

static void
test_stop_joined(void)
{
    g_autofree char *first = NULL, *second = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    first = bus_fixture_stop(&fixture, "web1");
    second = bus_fixture_stop(&fixture, WEB1_UUID);
    g_assert_cmpstr(first, ==, second);
    bus_fixture_tear_down(&fixture);
}

/* An id that is taken by two connections; a name that nobody has; one at a URI where it isn't. */
static void
test_domain_errors(void)
{
    g_autoptr(sd_bus_message) unknown = NULL, elsewhere = NULL, two = NULL, one = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    unknown = bus_fixture_manager(&fixture, "Stop", "sa{sv}", "web\033[2J", 0);
    assert_error(unknown, "org.virtstop1.Error.NoSuchDomain", "web\\x1b[2J");
    elsewhere =
        bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", "web1", 1, "uri", "s", "xen:///");
    assert_error(elsewhere, "org.virtstop1.Error.NoSuchDomain", "web1");

    bus_fixture_add_guest(&fixture, OTHER_URI, DB1_UUID, "web1", 7);
    two = bus_fixture_manager(&fixture, "Cancel", "sa{sv}", "web1", 0);
    assert_error(two, "org.virtstop1.Error.AmbiguousDomain", OTHER_URI);
    one = bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", "web1", 1, "uri", "s", OTHER_URI);
    assert_ok(one);
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    bus_fixture_tear_down(&fixture);
}

static void
test_not_connected(void)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = TEST_URI, .connection.open = false};
    g_autoptr(sd_bus_message) reply = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    g_assert_true(bus_fixture_step(&fixture, &event, NULL));
    reply = bus_fixture_manager(&fixture, "Stop", "sa{sv}", "new1", 0);
    assert_error(reply, "org.virtstop1.Error.NotConnected", TEST_URI);
    bus_fixture_tear_down(&fixture);
}

static void
refuse_options(BusFixture *fixture, const char *part_of_message, const char *name, const char *type,
               ...)
{
    g_autoptr(sd_bus_message) call = NULL;
    sd_bus_message *reply = NULL;
    va_list arguments;
    guint64 number;

    va_start(arguments, type);
    if (*type == 's') {
        reply = bus_fixture_manager(fixture, "Stop", "sa{sv}", "web1", 1, name, type,
                                    va_arg(arguments, const char *));
    } else {
        number = va_arg(arguments, guint64);
        reply = bus_fixture_manager(fixture, "Stop", "sa{sv}", "web1", 1, name, type, number);
    }
    va_end(arguments);
    assert_error(reply, INVALID_ARGS, part_of_message);
    sd_bus_message_unref(reply);
}

static void
test_bad_options(void)
{
    g_autofree char *long_text = g_strnfill(5000, 'x');
    g_autoptr(sd_bus_message) reply = NULL, twice = NULL, huge = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    refuse_options(&fixture, "uri s, ladder s, budget t, reason s", "force", "s", "yes");
    refuse_options(&fixture, "“force”", "force", "s", "yes");
    refuse_options(&fixture, "“budget” is of the D-Bus type s (allowed: t)", "budget", "s", "5min");
    refuse_options(&fixture, "“ladder” is of the D-Bus type t (allowed: s)", "ladder", "t",
                   (guint64)1);
    refuse_options(&fixture, "budget", "budget", "t", (guint64)G_MAXUINT64);
    refuse_options(&fixture, "5000 bytes", "reason", "s", long_text);
    refuse_options(&fixture, "“kick”", "ladder", "s", "agent kick");
    refuse_options(&fixture, "“agent:0s”", "ladder", "s", "agent:0s");

    reply =
        bus_fixture_manager(&fixture, "Cancel", "sa{sv}", "web1", 1, "reason", "s", "never mind");
    assert_error(reply, INVALID_ARGS, "(allowed: uri s)");
    huge = bus_fixture_manager(&fixture, "Extend", "sta{sv}", "web1", (guint64)G_MAXUINT64, 0);
    assert_error(huge, INVALID_ARGS, "usec");
    bus_fixture_tear_down(&fixture);
}

/* What a caller sends is quoted in the answer, escaped, and so can grow beyond what the bus lets
 * pass. */
static void
test_huge_argument(void)
{
    g_autofree char *text = g_strnfill(12 * 1024 * 1024, '\001');
    g_autoptr(sd_bus_message) reply = NULL, again = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    reply = bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", text, 0);
    assert_error(reply, "org.virtstop1.Error.NoSuchDomain", "\\x01");
    g_assert_cmpuint(strlen(sd_bus_message_get_error(reply)->message), <=, 4096);
    again = bus_fixture_manager(&fixture, "ListDomains", NULL);
    assert_ok(again);
    bus_fixture_tear_down(&fixture);
}

static void
test_steer(void)
{
    g_autofree char *path = NULL;
    g_autoptr(sd_bus_message) before = NULL, after = NULL, finished = NULL, late = NULL;
    uint64_t deadline, extended;
    const char *outcome;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    path = bus_fixture_stop(&fixture, "web1");
    before = bus_fixture_get(&fixture, path, "org.virtstop1.Stop", "Deadline");
    sd_bus_message_read(before, "t", &deadline);
    bus_fixture_forget(&fixture);
    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Extend", "sta{sv}", "web1",
                   (guint64)7000000, 0);
    after = bus_fixture_await_property(&fixture, path, "Deadline");
    sd_bus_message_read(after, "t", &extended);
    g_assert_cmpuint(extended, ==, deadline + 7000000);

    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Cancel", "sa{sv}", "web1",
                   0);
    finished = bus_fixture_await(&fixture, "/org/virtstop1", "StopFinished");
    sd_bus_message_read(finished, "sooss", NULL, NULL, NULL, NULL, &outcome);
    g_assert_cmpstr(outcome, ==, "cancelled");
    late = bus_fixture_manager(&fixture, "Cancel", "sa{sv}", "web1", 0);
    assert_error(late, "org.virtstop1.Error.NoStopInFlight", "web1");
    bus_fixture_tear_down(&fixture);
}

static void
test_steer_by_object(void)
{
    g_autofree char *path = NULL;
    g_autoptr(sd_bus_message) step = NULL, gone = NULL, finished = NULL, zero = NULL;
    const char *text;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    path = bus_fixture_stop(&fixture, "web1");
    zero = bus_fixture_call(&fixture, path, "org.virtstop1.Stop", "Extend", "t", (guint64)0);
    assert_error(zero, INVALID_ARGS, "more than 0");
    bus_fixture_do(&fixture, path, "org.virtstop1.Stop", "Extend", "t", (guint64)1000000);
    bus_fixture_do(&fixture, path, "org.virtstop1.Stop", "Escalate", NULL);
    step = bus_fixture_await_property(&fixture, path, "Step");
    step =
        (sd_bus_message_unref(step), bus_fixture_get(&fixture, path, "org.virtstop1.Stop", "Step"));
    sd_bus_message_read(step, "s", &text);
    g_assert_cmpstr(text, ==, "power-button");

    bus_fixture_do(&fixture, path, "org.virtstop1.Stop", "Cancel", NULL);
    finished = bus_fixture_await(&fixture, "/org/virtstop1", "StopFinished");
    gone = bus_fixture_call(&fixture, path, "org.virtstop1.Stop", "Cancel", NULL);
    assert_error(gone, "org.virtstop1.Error.NoStopInFlight", "is over (cancelled)");
    bus_fixture_tear_down(&fixture);
}

static void
test_stop_of_domain_object(void)
{
    g_autoptr(sd_bus_message) domain = NULL, stop = NULL, found = NULL, none = NULL, bad = NULL;
    const char *path, *stop_path, *id;
    g_autofree char *escaped = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    domain = bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", "1", 0);
    assert_ok(domain);
    sd_bus_message_read(domain, "o", &path);
    stop = bus_fixture_call(&fixture, path, "org.virtstop1.Domain", "Stop", "a{sv}", 1, "reason",
                            "s", "x");
    assert_ok(stop);
    sd_bus_message_read(stop, "o", &stop_path);

    escaped = g_strdelimit(g_strdup(strrchr(stop_path, '/') + 1), "_", '-');
    found = bus_fixture_manager(&fixture, "GetStop", "s", escaped);
    assert_ok(found);
    sd_bus_message_read(found, "o", &id);
    g_assert_cmpstr(id, ==, stop_path);
    none = bus_fixture_manager(&fixture, "GetStop", "s", WEB1_UUID);
    assert_error(none, "org.virtstop1.Error.NoStopInFlight", WEB1_UUID);
    bad = bus_fixture_manager(&fixture, "GetStop", "s", "../../etc");
    assert_error(bad, INVALID_ARGS, "../../etc");
    bus_fixture_tear_down(&fixture);
}

static void
test_already_off(void)
{
    g_autoptr(sd_bus_message) finished = NULL;
    g_autofree char *path = NULL;
    const char *stop, *outcome;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_DESTROYED);
    path = bus_fixture_stop(&fixture, "web1");
    finished = bus_fixture_await(&fixture, "/org/virtstop1", "StopFinished");
    sd_bus_message_read(finished, "sooss", NULL, &stop, NULL, NULL, &outcome);
    g_assert_cmpstr(stop, ==, path);
    g_assert_cmpstr(outcome, ==, "already-off");
    bus_fixture_tear_down(&fixture);
}

static void
test_list_domains(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    const char *path, *uri, *uuid, *name, *state, *agent, *stop;
    g_autofree char *stop_path = NULL;
    BusFixture fixture;
    int id;

    if (!bus_fixture_set_up(&fixture))
        return;
    stop_path = bus_fixture_stop(&fixture, "web1");
    reply = bus_fixture_manager(&fixture, "ListDomains", NULL);
    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(ossssiso)"), >, 0);
    g_assert_cmpint(sd_bus_message_read(reply, "(ossssiso)", &path, &uri, &uuid, &name, &state, &id,
                                        &agent, &stop),
                    >, 0);
    g_assert_cmpstr(name, ==, "db1");
    g_assert_cmpstr(agent, ==, "none");
    g_assert_cmpstr(stop, ==, "/");
    g_assert_cmpint(sd_bus_message_read(reply, "(ossssiso)", &path, &uri, &uuid, &name, &state, &id,
                                        &agent, &stop),
                    >, 0);
    g_assert_cmpstr(uri, ==, TEST_URI);
    g_assert_cmpstr(uuid, ==, WEB1_UUID);
    g_assert_cmpstr(state, ==, "running");
    g_assert_cmpint(id, ==, 1);
    g_assert_cmpstr(stop, ==, stop_path);
    g_assert_cmpint(sd_bus_message_at_end(reply, false), >, 0);
    bus_fixture_tear_down(&fixture);
}

static void
test_list_stops(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    const char *path, *id, *domain, *name, *step, *phase, *reason;
    g_autofree char *stop_path = NULL;
    BusFixture fixture;
    uint64_t deadline;
    uint32_t uid;

    if (!bus_fixture_set_up(&fixture))
        return;
    stop_path = bus_fixture_stop(&fixture, "web1");
    reply = bus_fixture_manager(&fixture, "ListStops", NULL);
    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(osossstus)"), >, 0);
    g_assert_cmpint(sd_bus_message_read(reply, "(osossstus)", &path, &id, &domain, &name, &step,
                                        &phase, &deadline, &uid, &reason),
                    >, 0);
    g_assert_cmpstr(path, ==, stop_path);
    g_assert_cmpstr(name, ==, "web1");
    g_assert_cmpstr(step, ==, "agent");
    g_assert_cmpstr(phase, ==, "asked");
    g_assert_cmpint((gint64)deadline - fixture.now.mono, ==, 60 * G_USEC_PER_SEC);
    g_assert_cmpuint(uid, ==, getuid());
    g_assert_cmpstr(reason, ==, "");
    g_assert_cmpint(sd_bus_message_at_end(reply, false), >, 0);
    bus_fixture_tear_down(&fixture);
}

static void
test_history(void)
{
    g_autoptr(sd_bus_message) all = NULL, one = NULL, failed = NULL;
    const char *line;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    g_ptr_array_add(fixture.records, g_strdup("{\"old\":1}"));
    g_ptr_array_add(fixture.records, g_strdup("{\"new\":\"\xff\"}"));
    all = bus_fixture_manager(&fixture, "GetHistory", "su", "", 0);
    assert_ok(all);
    g_assert_null(fixture.history_domain);
    g_assert_cmpint(sd_bus_message_enter_container(all, 'a', "s"), >, 0);
    g_assert_cmpint(sd_bus_message_read(all, "s", &line), >, 0);
    g_assert_cmpstr(line, ==, "{\"old\":1}");
    g_assert_cmpint(sd_bus_message_read(all, "s", &line), >, 0);
    g_assert_cmpstr(line, ==, "{\"new\":\"\357\277\275\"}");

    one = bus_fixture_manager(&fixture, "GetHistory", "su", "web1", 20);
    g_assert_cmpstr(fixture.history_domain, ==, "web1");
    g_assert_cmpuint(fixture.history_limit, ==, 20);
    g_clear_pointer(&fixture.records, g_ptr_array_unref);
    failed = bus_fixture_manager(&fixture, "GetHistory", "su", "", 0);
    assert_error(failed, "org.freedesktop.DBus.Error.IOError", "stops.jsonl");
    bus_fixture_tear_down(&fixture);
}

/* 40 MiB of records: dbus-daemon would cut us off. */
static void
test_long_history(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    const char *line = NULL;
    unsigned n = 0;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    for (unsigned i = 0; i < 40; i++) {
        char *record = g_strnfill(1024 * 1024, 'x');
        memcpy(record, i == 39 ? "newest" : "older!", 6);
        g_ptr_array_add(fixture.records, record);
    }
    reply = bus_fixture_manager(&fixture, "GetHistory", "su", "", 0);
    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "s"), >, 0);
    for (; sd_bus_message_read(reply, "s", &line) > 0; n++)
        ;
    g_assert_cmpuint(n, ==, 15);
    g_assert_true(g_str_has_prefix(line, "newest"));
    bus_fixture_tear_down(&fixture);
}

/* The lines of a page, and then its mark, with a space behind each. */
static char *
read_page(sd_bus_message *reply)
{
    GString *text = g_string_new(NULL);
    const char *line;

    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "s"), >, 0);
    while (sd_bus_message_read(reply, "s", &line) > 0)
        g_string_append_printf(text, "%s ", line);
    g_assert_cmpint(sd_bus_message_exit_container(reply), >, 0);
    g_assert_cmpint(sd_bus_message_read(reply, "s", &line), >, 0);
    g_string_append(text, line);
    return g_string_free(text, FALSE);
}

static void
test_records(void)
{
    g_autoptr(sd_bus_message) first = NULL, last = NULL, failed = NULL;
    g_autofree char *newer = NULL, *older = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    fixture.page_size = 2;
    g_ptr_array_add(fixture.records, g_strdup("{\"a\":1}"));
    g_ptr_array_add(fixture.records, g_strdup("{\"b\":\"\xc3\xa9\"}"));
    g_ptr_array_add(fixture.records, g_strdup("{\"c\":1}"));
    first = bus_fixture_manager(&fixture, "ListRecords", "a{sv}", 0);
    newer = read_page(first);
    g_assert_cmpstr(newer, ==, "{\"b\":\"\xc3\xa9\"} {\"c\":1} 1");
    last = bus_fixture_manager(&fixture, "ListRecords", "a{sv}", 1, "after", "s", "1");
    older = read_page(last);
    g_assert_cmpstr(older, ==, "{\"a\":1} ");
    g_clear_pointer(&fixture.records, g_ptr_array_unref);
    failed = bus_fixture_manager(&fixture, "ListRecords", "a{sv}", 0);
    assert_error(failed, "org.freedesktop.DBus.Error.IOError", "stops.jsonl");
    bus_fixture_tear_down(&fixture);
}

static void
test_records_query(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    reply = bus_fixture_manager(&fixture, "ListRecords", "a{sv}", 9, "uri", "s", TEST_URI, "domain",
                                "s", "web1", "stop", "s", WEB1_UUID, "host_stop", "s", DB1_UUID,
                                "cause", "s", "destroyed", "since", "t", (uint64_t)5, "until", "t",
                                (uint64_t)6, "limit", "u", 7, "after", "s", "");
    assert_ok(reply);
    g_assert_cmpstr(fixture.queries->str, ==,
                    "uri=" TEST_URI " domain=web1 stop=" WEB1_UUID " host_stop=" DB1_UUID
                    " cause=destroyed since=5 until=6 limit=7 after= \n");
    bus_fixture_tear_down(&fixture);
}

static void
assert_records_refused(BusFixture *fixture, const char *option, const char *type, const char *value,
                       const char *said)
{
    g_autoptr(sd_bus_message) reply =
        bus_fixture_manager(fixture, "ListRecords", "a{sv}", 1, option, type,
                            g_str_equal(type, "t") ? (const char *)(uintptr_t)UINT64_MAX : value);

    assert_error(reply, INVALID_ARGS, said);
}

static void
test_records_refused(void)
{
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    assert_records_refused(&fixture, "colour", "s", "red", "“colour”");
    assert_records_refused(&fixture, "colour", "s", "red", "after s");
    assert_records_refused(&fixture, "stop", "s", "web1", "“stop” is “web1”");
    assert_records_refused(&fixture, "host_stop", "s", "", "“host_stop” is “”");
    assert_records_refused(&fixture, "cause", "s", "boredom", "“boredom”");
    assert_records_refused(&fixture, "limit", "s", "7", "“limit”");
    assert_records_refused(&fixture, "since", "t", NULL, "since is");
    g_assert_cmpuint(fixture.queries->len, ==, 0);
    bus_fixture_tear_down(&fixture);
}

static void
test_reload(void)
{
    g_autoptr(sd_bus_message) bad = NULL, ladder = NULL;
    const char *text;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    bus_fixture_do(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Reload", NULL);
    g_assert_cmpuint(fixture.n_reloads, ==, 1);
    vs_bus_tell_policy(fixture.bus, "power-button:3min leave");
    ladder = bus_fixture_await_property(&fixture, "/org/virtstop1", "Ladder");
    sd_bus_message_read(ladder, "s", &text);
    g_assert_cmpstr(text, ==, "power-button:3min leave");

    fixture.fail_reload = "virtstop.conf:3: there is no key Laddre";
    bad = bus_fixture_manager(&fixture, "Reload", NULL);
    assert_error(bad, INVALID_ARGS, "virtstop.conf:3");
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus/stop", test_stop);
    g_test_add_func("/bus/stop/who", test_stop_who);
    g_test_add_func("/bus/stop/joined", test_stop_joined);
    g_test_add_func("/bus/stop/already-off", test_already_off);
    g_test_add_func("/bus/stop/of-domain-object", test_stop_of_domain_object);
    g_test_add_func("/bus/steer", test_steer);
    g_test_add_func("/bus/steer/by-object", test_steer_by_object);
    g_test_add_func("/bus/errors/domain", test_domain_errors);
    g_test_add_func("/bus/errors/not-connected", test_not_connected);
    g_test_add_func("/bus/errors/options", test_bad_options);
    g_test_add_func("/bus/errors/huge-argument", test_huge_argument);
    g_test_add_func("/bus/list/domains", test_list_domains);
    g_test_add_func("/bus/list/stops", test_list_stops);
    g_test_add_func("/bus/history", test_history);
    g_test_add_func("/bus/history/long", test_long_history);
    g_test_add_func("/bus/records", test_records);
    g_test_add_func("/bus/records/query", test_records_query);
    g_test_add_func("/bus/records/refused", test_records_refused);
    g_test_add_func("/bus/reload", test_reload);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "bus-client.h"
#include "vs-test.h"

/* The objects: their properties, how they come and go, and whether they are what
 * data/org.virtstop1.xml says. */

#define WEB1_PATH_START "/org/virtstop1/domain/11111111_2222_4333_8444_555555555501_"

static char *
web1_path(BusFixture *fixture)
{
    g_autoptr(sd_bus_message) reply =
        bus_fixture_manager(fixture, "GetDomain", "sa{sv}", WEB1_UUID, 1, "uri", "s", TEST_URI);
    const char *path;

    assert_ok(reply);
    sd_bus_message_read(reply, "o", &path);
    return g_strdup(path);
}

static void
test_manager_properties(void)
{
    g_autoptr(sd_bus_message) uris = NULL, connections = NULL;
    const char *uri, *other;
    BusFixture fixture;
    int open;

    if (!bus_fixture_set_up(&fixture))
        return;
    uris = bus_fixture_get(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Uris");
    g_assert_cmpint(sd_bus_message_read(uris, "as", 2, &uri, &other), >, 0);
    g_assert_cmpstr(uri, ==, TEST_URI);
    g_assert_cmpstr(other, ==, OTHER_URI);
    connections =
        bus_fixture_get(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Connections");
    g_assert_cmpint(sd_bus_message_enter_container(connections, 'a', "(sb)"), >, 0);
    g_assert_cmpint(sd_bus_message_read(connections, "(sb)", &uri, &open), >, 0);
    g_assert_cmpstr(uri, ==, TEST_URI);
    g_assert_true(open);
    g_assert_cmpint(sd_bus_message_read(connections, "(sb)", &uri, &open), >, 0);
    g_assert_false(open);

    assert_text(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "Ladder",
                "agent:60s power-button:120s destroy");
    g_assert_cmpint(
        bus_fixture_get_number(&fixture, "/org/virtstop1", "org.virtstop1.Manager", "HostShutdown"),
        ==, 0);
    g_assert_cmpint(bus_fixture_get_number(&fixture, "/org/virtstop1", "org.virtstop1.Manager",
                                           "StopsInFlight"),
                    ==, 0);
    bus_fixture_tear_down(&fixture);
}

static void
test_connection_lost(void)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = TEST_URI, .connection.open = false};
    g_autoptr(sd_bus_message) connections = NULL;
    const char *uri;
    BusFixture fixture;
    int open = true;

    if (!bus_fixture_set_up(&fixture))
        return;
    g_assert_true(bus_fixture_step(&fixture, &event, NULL));
    vs_bus_tell_connections(fixture.bus);
    connections = bus_fixture_await_property(&fixture, "/org/virtstop1", "Connections");
    g_assert_cmpint(sd_bus_message_enter_container(connections, 'a', "(sb)"), >, 0);
    g_assert_cmpint(sd_bus_message_read(connections, "(sb)", &uri, &open), >, 0);
    g_assert_false(open);
    bus_fixture_tear_down(&fixture);
}

/* That of a section which is about the domain. */
static void
test_domain_ladder(void)
{
    g_autofree char *path = NULL;
    BusFixture fixture;
    VsPolicy policy;
    VsSection *section;

    if (!bus_fixture_set_up(&fixture))
        return;
    vs_policy_init(&policy);
    section = vs_section_new("web*", "here:1");
    section->says = VS_POLICY_LADDER;
    g_assert_true(vs_ladder_parse("save:10min leave", &section->policy.ladder, NULL));
    g_ptr_array_add(policy.sections, section);
    vs_engine_set_policy(fixture.engine, &policy);
    vs_policy_clear(&policy);
    path = web1_path(&fixture);
    assert_text(&fixture, path, "org.virtstop1.Domain", "Ladder", "save:10min leave");
    bus_fixture_tear_down(&fixture);
}

static void
test_domain_properties(void)
{
    const char *interface = "org.virtstop1.Domain";
    g_autofree char *path = NULL, *stop = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    path = web1_path(&fixture);
    g_assert_true(g_str_has_prefix(path, WEB1_PATH_START));
    assert_text(&fixture, path, interface, "Uri", TEST_URI);
    assert_text(&fixture, path, interface, "Name", "web1");
    assert_text(&fixture, path, interface, "UUID", WEB1_UUID);
    assert_text(&fixture, path, interface, "State", "running");
    assert_text(&fixture, path, interface, "Agent", "connected");
    assert_text(&fixture, path, interface, "Ladder", "agent:1min power-button:2min destroy");
    assert_text(&fixture, path, interface, "Stop", "/");
    g_assert_cmpint(bus_fixture_get_number(&fixture, path, interface, "Id"), ==, 1);
    g_assert_cmpint(bus_fixture_get_number(&fixture, path, interface, "Persistent"), ==, 1);
    g_assert_cmpint(bus_fixture_get_number(&fixture, path, interface, "Acpi"), ==, 1);
    assert_text(&fixture, path, interface, "OnPoweroff", "destroy");
    stop = bus_fixture_stop(&fixture, "web1");
    assert_text(&fixture, path, interface, "Stop", stop);
    bus_fixture_tear_down(&fixture);
}

static void
assert_taken(BusFixture *fixture, const char *path)
{
    g_autoptr(sd_bus_message) taken = bus_fixture_get(fixture, path, "org.virtstop1.Stop", "Taken");
    const char *method, *result;
    uint64_t started;
    int64_t took;

    g_assert_cmpint(sd_bus_message_enter_container(taken, 'a', "(stxs)"), >, 0);
    g_assert_cmpint(sd_bus_message_read(taken, "(stxs)", &method, &started, &took, &result), >, 0);
    g_assert_cmpstr(method, ==, "agent");
    g_assert_cmpint((gint64)started, ==, fixture->now.real);
    g_assert_cmpint(took, ==, 0);
    g_assert_cmpstr(result, ==, "escalated");
    g_assert_cmpint(sd_bus_message_read(taken, "(stxs)", &method, &started, &took, &result), >, 0);
    g_assert_cmpstr(method, ==, "power-button");
    g_assert_cmpint(took, ==, -1);
    g_assert_cmpstr(result, ==, "");
}

static void
test_stop_properties(void)
{
    const char *interface = "org.virtstop1.Stop";
    g_autofree char *domain = NULL, *stop = NULL, *id = NULL, *escaped = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    domain = web1_path(&fixture);
    stop = bus_fixture_stop(&fixture, "web1");
    bus_fixture_do(&fixture, stop, interface, "Escalate", NULL);

    id = bus_fixture_get_text(&fixture, stop, interface, "Id");
    escaped = g_strdelimit(g_strdup(id), "-", '_');
    g_assert_true(g_str_has_suffix(stop, escaped));
    assert_text(&fixture, stop, interface, "Domain", domain);
    assert_text(&fixture, stop, interface, "DomainName", "web1");
    assert_text(&fixture, stop, interface, "Step", "power-button");
    assert_text(&fixture, stop, interface, "Phase", "asked");
    assert_text(&fixture, stop, interface, "Reason", "");
    g_assert_cmpint(bus_fixture_get_number(&fixture, stop, interface, "StepIndex"), ==, 1);
    g_assert_cmpint(bus_fixture_get_number(&fixture, stop, interface, "Deadline"), ==,
                    fixture.now.mono + 120 * G_USEC_PER_SEC);
    g_assert_cmpint(bus_fixture_get_number(&fixture, stop, interface, "Requested"), ==,
                    fixture.now.real);
    g_assert_cmpint(bus_fixture_get_number(&fixture, stop, interface, "Uid"), ==, getuid());
    g_assert_cmpint(bus_fixture_get_number(&fixture, stop, interface, "Pid"), ==, getpid());
    assert_taken(&fixture, stop);
    g_assert_cmpint(bus_fixture_get_number(&fixture, "/org/virtstop1", "org.virtstop1.Manager",
                                           "StopsInFlight"),
                    ==, 1);
    bus_fixture_tear_down(&fixture);
}

static void
test_fitted_ladder(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    const char *stop;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    reply =
        bus_fixture_manager(&fixture, "Stop", "sa{sv}", "web1", 2, "ladder", "s",
                            "agent:1min power-button:1min leave", "budget", "t", (guint64)60000000);
    assert_ok(reply);
    sd_bus_message_read(reply, "o", &stop);
    assert_text(&fixture, stop, "org.virtstop1.Stop", "Ladder", "agent:30s power-button:30s leave");
    bus_fixture_tear_down(&fixture);
}

/* Whether an InterfacesAdded or InterfacesRemoved is about that interface of that object. */
static bool
names_interface(sd_bus_message *signal, const char *object, const char *interface)
{
    bool added = sd_bus_message_is_signal(signal, NULL, "InterfacesAdded");
    const char *path, *name;

    sd_bus_message_rewind(signal, true);
    g_assert_cmpint(sd_bus_message_read(signal, "o", &path), >, 0);
    if (!g_str_equal(path, object))
        return false;
    sd_bus_message_enter_container(signal, 'a', added ? "{sa{sv}}" : "s");
    while (!added || sd_bus_message_enter_container(signal, 'e', "sa{sv}") > 0) {
        if (sd_bus_message_read(signal, "s", &name) <= 0)
            return false;
        if (g_str_equal(name, interface))
            return true;
        if (added) {
            sd_bus_message_skip(signal, "a{sv}");
            sd_bus_message_exit_container(signal);
        }
    }
    return false;
}

static void
await_interface(BusFixture *fixture, const char *member, const char *object, const char *interface)
{
    for (;;) {
        g_autoptr(sd_bus_message) signal = bus_fixture_await(fixture, "/org/virtstop1", member);

        if (names_interface(signal, object, interface))
            return;
    }
}

static void
await_stops(BusFixture *fixture, uint32_t expected)
{
    g_autoptr(sd_bus_message) count =
        bus_fixture_await_property(fixture, "/org/virtstop1", "StopsInFlight");
    uint32_t number;

    g_assert_cmpint(sd_bus_message_read(count, "u", &number), >, 0);
    g_assert_cmpuint(number, ==, expected);
}

static void
test_stop_comes_and_goes(void)
{
    g_autofree char *domain = NULL, *stop = NULL;
    g_autoptr(sd_bus_message) over = NULL, none = NULL, finished = NULL;
    const char *id, *path, *domain_path, *name, *outcome;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    domain = web1_path(&fixture);
    stop = bus_fixture_stop(&fixture, "web1");
    await_interface(&fixture, "InterfacesAdded", stop, "org.virtstop1.Stop");
    await_stops(&fixture, 1);

    bus_fixture_do(&fixture, stop, "org.virtstop1.Stop", "Cancel", NULL);
    over = bus_fixture_await_property(&fixture, stop, "Outcome");
    sd_bus_message_read(over, "s", &outcome);
    g_assert_cmpstr(outcome, ==, "cancelled");
    finished = bus_fixture_await(&fixture, "/org/virtstop1", "StopFinished");
    sd_bus_message_read(finished, "sooss", &id, &path, &domain_path, &name, &outcome);
    g_assert_cmpstr(path, ==, stop);
    g_assert_cmpstr(domain_path, ==, domain);
    g_assert_cmpstr(name, ==, "web1");
    none = bus_fixture_await_property(&fixture, domain, "Stop");
    sd_bus_message_read(none, "o", &path);
    g_assert_cmpstr(path, ==, "/");
    await_stops(&fixture, 0);
    bus_fixture_tear_down(&fixture);
}

/* The guest's system is down, its process isn't yet. */
static void
test_stop_goes_on(void)
{
    g_autoptr(sd_bus_message) phase = NULL, finished = NULL;
    g_autofree char *stop = NULL;
    const char *text;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    stop = bus_fixture_stop(&fixture, "web1");
    bus_fixture_forget(&fixture);
    bus_fixture_lifecycle(&fixture, WEB1_UUID, "web1", VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    phase = bus_fixture_await_property(&fixture, stop, "Phase");
    sd_bus_message_read(phase, "s", &text);
    g_assert_cmpstr(text, ==, "going-off");
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    finished = bus_fixture_await(&fixture, "/org/virtstop1", "StopFinished");
    sd_bus_message_read(finished, "sooss", NULL, NULL, NULL, NULL, &text);
    g_assert_cmpstr(text, ==, "clean");
    bus_fixture_tear_down(&fixture);
}

static void
test_domain_comes_and_goes(void)
{
    g_autoptr(sd_bus_message) state = NULL, gone = NULL, managed = NULL;
    g_autofree char *path = NULL;
    const char *text, *object;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    bus_fixture_add_guest(&fixture, OTHER_URI, WEB1_UUID, "a \"b\"\n../\033[1m", 3);
    managed = bus_fixture_await(&fixture, "/org/virtstop1", "InterfacesAdded");
    sd_bus_message_read(managed, "o", &object);
    g_assert_true(g_str_has_prefix(object, WEB1_PATH_START));
    assert_text(&fixture, object, "org.virtstop1.Domain", "Uri", OTHER_URI);
    assert_text(&fixture, object, "org.virtstop1.Domain", "Name", "a \"b\"\n../\033[1m");

    path = web1_path(&fixture);
    bus_fixture_lifecycle(&fixture, WEB1_UUID, "web1", VS_LIFECYCLE_SUSPENDED, 0);
    state = bus_fixture_await_property(&fixture, path, "State");
    sd_bus_message_read(state, "s", &text);
    g_assert_cmpstr(text, ==, "paused");
    bus_fixture_tear_down(&fixture);
}

/* db1 is transient: off, libvirt has it no more. */
static void
test_domain_removed(void)
{
    g_autoptr(sd_bus_message) reply = NULL, gone = NULL;
    const char *path;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    reply = bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", "db1", 0);
    assert_ok(reply);
    sd_bus_message_read(reply, "o", &path);
    bus_fixture_end_guest(&fixture, DB1_UUID, "db1", VS_STOPPED_CRASHED);
    await_interface(&fixture, "InterfacesRemoved", path, "org.virtstop1.Domain");
    gone = bus_fixture_manager(&fixture, "GetDomain", "sa{sv}", "db1", 0);
    assert_error(gone, "org.virtstop1.Error.NoSuchDomain", "db1");
    bus_fixture_tear_down(&fixture);
}

/* libvirt refuses such names, but a bus cuts off whoever sends one. */
static void
test_invalid_utf8(void)
{
    g_autoptr(sd_bus_message) reply = NULL, managed = NULL, record = NULL;
    const char *line;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    bus_fixture_add_guest(&fixture, TEST_URI, "11111111-2222-4333-8444-555555555503", "\xff\xfe",
                          3);
    vs_bus_tell_record(fixture.bus, NULL, "{\"domain\":{\"name\":\"\xff\"}}");
    record = bus_fixture_await(&fixture, "/org/virtstop1", "StopDisclosed");
    sd_bus_message_read(record, "s", &line);
    g_assert_cmpstr(line, ==, "{\"domain\":{\"name\":\"\357\277\275\"}}");
    reply = bus_fixture_manager(&fixture, "ListDomains", NULL);
    assert_ok(reply);
    managed = bus_fixture_call(&fixture, "/org/virtstop1", "org.freedesktop.DBus.ObjectManager",
                               "GetManagedObjects", NULL);
    assert_ok(managed);
    bus_fixture_tear_down(&fixture);
}

static void
test_no_such_object(void)
{
    static const char *const paths[] = {
        "/org/virtstop1/domain",
        "/org/virtstop1/domain/x",
        WEB1_PATH_START "00000000",
        "/org/virtstop1/domain/11111111_2222_4333_8444_555555555501",
        "/org/virtstop1/stop/11111111_2222_4333_8444_555555555501",
        "/org/virtstop1/stop/11111111_2222_4333_8444_555555555501_",
    };
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(sd_bus_message) reply =
            bus_fixture_call(&fixture, paths[i], "org.virtstop1.Domain", "Stop", "a{sv}", 0);

        g_assert_true(sd_bus_message_is_method_error(reply, NULL));
    }
    g_assert_cmpuint(fixture.n_requests, ==, 0);
    bus_fixture_tear_down(&fixture);
}

/* Paths that are nearly right. */
static void
test_nearly(void)
{
    g_autofree char *domain = NULL, *stop = NULL, *longer = NULL;
    g_autoptr(sd_bus_message) nearly = NULL, too_long = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    domain = web1_path(&fixture);
    stop = bus_fixture_stop(&fixture, "web1");
    *strrchr(domain, '_') = 'x';
    nearly = bus_fixture_call(&fixture, domain, "org.virtstop1.Domain", "Stop", "a{sv}", 0);
    assert_error(nearly, "org.freedesktop.DBus.Error.UnknownObject", domain);
    longer = g_strconcat(stop, "0", NULL);
    too_long = bus_fixture_call(&fixture, longer, "org.virtstop1.Stop", "Cancel", NULL);
    assert_error(too_long, "org.freedesktop.DBus.Error.UnknownObject", longer);
    bus_fixture_tear_down(&fixture);
}

static void
test_managed_objects(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *stop = NULL, *domain = NULL;
    const char *path;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    domain = web1_path(&fixture);
    stop = bus_fixture_stop(&fixture, "web1");
    reply = bus_fixture_call(&fixture, "/org/virtstop1", "org.freedesktop.DBus.ObjectManager",
                             "GetManagedObjects", NULL);
    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}"), >, 0);
    while (sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}") > 0) {
        sd_bus_message_read(reply, "o", &path);
        g_hash_table_add(paths, (char *)path);
        sd_bus_message_skip(reply, "a{sa{sv}}");
        sd_bus_message_exit_container(reply);
    }
    g_assert_cmpuint(g_hash_table_size(paths), ==, 3); /* web1, db1, the stop */
    g_assert_true(g_hash_table_contains(paths, domain));
    g_assert_true(g_hash_table_contains(paths, stop));
    bus_fixture_tear_down(&fixture);
}

/* One finding as the bus tells it, sorted: "kind=no-acpi level=error". */
static char *
read_finding(sd_bus_message *reply)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const char *key, *type, *text;
    uint64_t number;

    while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
        g_assert_cmpint(sd_bus_message_read(reply, "s", &key), >, 0);
        g_assert_cmpint(sd_bus_message_peek_type(reply, NULL, &type), >, 0);
        if (g_str_equal(type, "t")) {
            sd_bus_message_read(reply, "v", "t", &number);
            g_ptr_array_add(words, g_strdup_printf("%s=%" G_GUINT64_FORMAT, key, number));
        } else {
            g_assert_cmpint(sd_bus_message_read(reply, "v", "s", &text), >, 0);
            g_ptr_array_add(words, g_strdup_printf("%s=%s", key, text));
        }
        sd_bus_message_exit_container(reply);
    }
    sd_bus_message_exit_container(reply);
    g_ptr_array_add(words, NULL);
    return g_strjoinv(" ", (char **)words->pdata);
}

static void
assert_findings(sd_bus_message *reply, const char *const *lines)
{
    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "a{sv}"), >, 0);
    for (; *lines; lines++) {
        g_autofree char *line = NULL;

        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "{sv}"), >, 0);
        line = read_finding(reply);
        g_assert_cmpstr(line, ==, *lines);
    }
    g_assert_true(sd_bus_message_at_end(reply, false));
}

#define WEB1_WORDS "uri=" TEST_URI " domain=web1 uuid=" WEB1_UUID

/* libvirt at the other URI isn't there. */
static void
test_check(void)
{
    static const VsFinding found[] = {
        {VS_FINDING_BUDGET_TOO_SHORT,
         {.uri = (char *)TEST_URI, .name = (char *)"web1", .uuid.text = WEB1_UUID},
         .took = 181,
         .given = 40},
        {VS_FINDING_ON_POWEROFF,
         {.uri = (char *)TEST_URI, .name = (char *)"web1", .uuid.text = WEB1_UUID},
         .on_poweroff = VS_ON_POWEROFF_RESTART},
        {.kind = VS_FINDING_RECORDS, .message = (char *)"can't be read"},
    };
    static const char *const all[] = {
        "level=error kind=not-connected uri=" OTHER_URI,
        "level=warning kind=budget-too-short " WEB1_WORDS " took=181 given=40",
        "level=error kind=on-poweroff-restart " WEB1_WORDS " on_poweroff=restart",
        "level=not-checked kind=records message=can't be read",
        NULL,
    };
    const char *const others[] = {all[0], all[3], NULL};
    g_autoptr(sd_bus_message) reply = NULL, other = NULL, bad = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    fixture.findings = found;
    fixture.n_findings = G_N_ELEMENTS(found);
    reply = bus_fixture_manager(&fixture, "Check", "a{sv}", 0);
    assert_findings(reply, all);
    other = bus_fixture_manager(&fixture, "Check", "a{sv}", 1, "uri", "s", OTHER_URI);
    assert_findings(other, others);
    bad = bus_fixture_manager(&fixture, "Check", "a{sv}", 1, "ladder", "s", "leave");
    assert_error(bad, SD_BUS_ERROR_INVALID_ARGS, "ladder");
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-objects/manager/properties", test_manager_properties);
    g_test_add_func("/bus-objects/manager/connection-lost", test_connection_lost);
    g_test_add_func("/bus-objects/domain/properties", test_domain_properties);
    g_test_add_func("/bus-objects/domain/ladder", test_domain_ladder);
    g_test_add_func("/bus-objects/domain/comes-and-goes", test_domain_comes_and_goes);
    g_test_add_func("/bus-objects/domain/removed", test_domain_removed);
    g_test_add_func("/bus-objects/stop/properties", test_stop_properties);
    g_test_add_func("/bus-objects/stop/fitted-ladder", test_fitted_ladder);
    g_test_add_func("/bus-objects/stop/goes-on", test_stop_goes_on);
    g_test_add_func("/bus-objects/stop/comes-and-goes", test_stop_comes_and_goes);
    g_test_add_func("/bus-objects/invalid-utf8", test_invalid_utf8);
    g_test_add_func("/bus-objects/no-such-object", test_no_such_object);
    g_test_add_func("/bus-objects/nearly", test_nearly);
    g_test_add_func("/bus-objects/check", test_check);
    g_test_add_func("/bus-objects/managed-objects", test_managed_objects);
    return g_test_run();
}

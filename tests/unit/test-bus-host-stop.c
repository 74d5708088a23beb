/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "bus-client.h"
#include "vs-test.h"

/* The host stop as an object: it comes, changes and goes, and the stops name it. */

#define MANAGER    "org.virtstop1.Manager"
#define STOP       "org.virtstop1.Stop"
#define HOST_STOP  "org.virtstop1.HostStop"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define ROOT       "/org/virtstop1"

#define UNKNOWN_OBJECT "org.freedesktop.DBus.Error.UnknownObject"

/* With commas between them; the caller frees it. */
static char *
get_paths(BusFixture *fixture, const char *path, const char *interface, const char *property)
{
    g_autoptr(sd_bus_message) reply = bus_fixture_get(fixture, path, interface, property);
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    const char *each;

    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "o"), >, 0);
    while (sd_bus_message_read(reply, "o", &each) > 0)
        g_ptr_array_add(paths, (char *)each);
    g_ptr_array_add(paths, NULL);
    return g_strjoinv(",", (char **)paths->pdata);
}

static void
assert_paths(BusFixture *fixture, const char *path, const char *interface, const char *property,
             const char *expected)
{
    g_autofree char *paths = get_paths(fixture, path, interface, property);

    g_assert_cmpstr(paths, ==, expected);
}

/* Asks for it, and gives the path of the only one that is known; the caller frees it. */
static char *
stop_all(BusFixture *fixture)
{
    bus_fixture_do(fixture, ROOT, MANAGER, "StopAll", "a{sv}", 3, "reason", "s", "kernel update",
                   "ladder", "s", "agent:1min destroy", "budget", "t", (guint64)60000000);
    return get_paths(fixture, ROOT, MANAGER, "HostStops");
}

/* The path of the stop that @name's domain has; the caller frees it. */
static char *
stop_of(BusFixture *fixture, const char *name)
{
    g_autoptr(sd_bus_message) reply = bus_fixture_manager(fixture, "GetDomain", "sa{sv}", name, 0);
    const char *domain;

    assert_ok(reply);
    sd_bus_message_read(reply, "o", &domain);
    return bus_fixture_get_text(fixture, domain, "org.virtstop1.Domain", "Stop");
}

/* db1 can't be asked, so it is destroyed: libvirt says that this is done. */
static void
end_db1(BusFixture *fixture)
{
    const VsGuest *guest = vs_engine_find(fixture->engine, TEST_URI, DB1_UUID);
    VsDomainId domain = {.uri = (char *)TEST_URI, .name = (char *)"db1", .id = -1};
    VsEvent done = {.type = VS_EVENT_REPLY, .domain = &domain};

    domain.uuid = guest->domain.uuid;
    done.reply.call = guest->stop->call.id;
    done.reply.ok = true;
    g_assert_true(bus_fixture_step(fixture, &done, NULL));
    bus_fixture_end_guest(fixture, DB1_UUID, "db1", VS_STOPPED_DESTROYED);
}

static void
end_guests(BusFixture *fixture)
{
    bus_fixture_end_guest(fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    end_db1(fixture);
}

static void
assert_told(BusFixture *fixture, const char *path, const char *property, const char *expected)
{
    g_autoptr(sd_bus_message) changed = bus_fixture_await_property(fixture, path, property);
    const char *text;

    g_assert_cmpint(sd_bus_message_read(changed, property[0] == 'H' ? "o" : "s", &text), >, 0);
    g_assert_cmpstr(text, ==, expected);
}

static bool
invalidates(sd_bus_message *changed, const char *property)
{
    const char *name;

    g_assert_cmpint(sd_bus_message_skip(changed, "sa{sv}"), >, 0);
    g_assert_cmpint(sd_bus_message_enter_container(changed, 'a', "s"), >, 0);
    while (sd_bus_message_read(changed, "s", &name) > 0)
        if (g_str_equal(name, property))
            return true;
    return false;
}

/* They are told of without their value. */
static void
await_other_stops(BusFixture *fixture, const char *host_stop)
{
    for (;;) {
        g_autoptr(sd_bus_message) changed =
            bus_fixture_await(fixture, host_stop, "PropertiesChanged");

        if (invalidates(changed, "Stops"))
            return;
    }
}

static void
await_object(BusFixture *fixture, const char *member, const char *expected)
{
    const char *path;

    do {
        g_autoptr(sd_bus_message) signal = bus_fixture_await(fixture, ROOT, member);

        g_assert_cmpint(sd_bus_message_read(signal, "o", &path), >, 0);
        if (g_str_equal(path, expected))
            return;
    } while (true);
}

static void
test_properties(void)
{
    g_autofree char *host_stop = NULL, *id = NULL, *escaped = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    assert_paths(&fixture, ROOT, MANAGER, "HostStops", "");
    host_stop = stop_all(&fixture);
    id = bus_fixture_get_text(&fixture, host_stop, HOST_STOP, "Id");
    escaped = g_strdelimit(g_strconcat("/org/virtstop1/host_stop/", id, NULL), "-", '_');
    g_assert_cmpstr(host_stop, ==, escaped);
    assert_text(&fixture, host_stop, HOST_STOP, "Phase", "stopping");
    assert_text(&fixture, host_stop, HOST_STOP, "Reason", "kernel update");
    assert_text(&fixture, host_stop, HOST_STOP, "Ladder", "agent:1min destroy");
    g_assert_cmpint(bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Shutdown"), ==, 0);
    g_assert_cmpint(bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Deadline"), ==,
                    fixture.now.mono + 60 * G_USEC_PER_SEC);
    g_assert_cmpint(bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Requested"), ==,
                    fixture.now.real);
    g_assert_cmpint(bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Uid"), ==, getuid());
    g_assert_cmpint(bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Pid"), ==, getpid());
    bus_fixture_tear_down(&fixture);
}

/* A part of the guests: whom it names, what its object says, what is refused. */
static void
test_part(void)
{
    g_autoptr(sd_bus_message) reply = NULL, part = NULL, mixed = NULL, bad = NULL;
    const char *name, *path, *kind, *word;
    g_autofree char *object = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    mixed = bus_fixture_manager(&fixture, "StopAll", "a{sv}", 2, "shutdown", "b", 1, "domains",
                                "as", 1, "web*");
    assert_error(mixed, "org.freedesktop.DBus.Error.InvalidArgs", "no part of them");
    bad = bus_fixture_manager(&fixture, "StopAll", "a{sv}", 1, "priorities", "as", 1, "9-1");
    assert_error(bad, "org.freedesktop.DBus.Error.InvalidArgs", "Option “priorities”: “9-1” is no");
    reply = bus_fixture_manager(&fixture, "StopAll", "a{sv}", 1, "domains", "as", 1, "web*");
    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(so)"), >, 0);
    g_assert_cmpint(sd_bus_message_read(reply, "(so)", &name, &path), >, 0);
    g_assert_cmpstr(name, ==, "web1");
    g_assert_cmpint(sd_bus_message_read(reply, "(so)", &name, &path), ==, 0);
    object = get_paths(&fixture, ROOT, MANAGER, "HostStops");
    part = bus_fixture_get(&fixture, object, HOST_STOP, "Part");
    g_assert_cmpint(sd_bus_message_read(part, "a{sas}", 1, &kind, 1, &word), >, 0);
    g_assert_cmpstr(kind, ==, "domains");
    g_assert_cmpstr(word, ==, "web*");
    bus_fixture_tear_down(&fixture);
}

static void
assert_ran(BusFixture *fixture, const char *host_stop, const char *wanted)
{
    g_autoptr(sd_bus_message) ran = bus_fixture_get(fixture, host_stop, HOST_STOP, "Ran");
    const char *name = NULL, *uri;

    g_assert_cmpint(sd_bus_message_enter_container(ran, 'a', "(ss)"), >, 0);
    if (wanted)
        g_assert_cmpint(sd_bus_message_read(ran, "(ss)", &name, &uri), >, 0);
    g_assert_cmpstr(name, ==, wanted);
    g_assert_cmpint(sd_bus_message_read(ran, "(ss)", &name, &uri), ==, 0);
}

/* Who is to be started again: not with OnBoot=ignore, as it is now. db1 isn't persistent. */
static void
test_ran(void)
{
    VsSection *section = vs_section_new("web*", "");
    g_autofree char *host_stop = NULL;
    BusFixture fixture;
    VsPolicy policy;

    section->says = VS_POLICY_ON_BOOT;
    section->policy.on_boot = VS_ON_BOOT_IGNORE;
    vs_policy_init(&policy);
    g_ptr_array_add(policy.sections, section);
    if (bus_fixture_set_up(&fixture)) {
        host_stop = stop_all(&fixture);
        assert_ran(&fixture, host_stop, "web1");
        vs_engine_set_policy(fixture.engine, &policy);
        assert_ran(&fixture, host_stop, NULL);
        bus_fixture_tear_down(&fixture);
    }
    vs_policy_clear(&policy);
}

/* How the host goes down is said with the first request, or a later one. */
static void
test_kind(void)
{
    static const struct {
        const char *kind;
        int shutdown;
    } bad[] = {{"reboot", 0}, {"by-hand", 1}, {"sideways", 1}};
    g_autofree char *host_stop = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(sd_bus_message) reply =
            bus_fixture_manager(&fixture, "StopAll", "a{sv}", 2, "shutdown", "b", bad[i].shutdown,
                                "kind", "s", bad[i].kind);

        assert_error(reply, "org.freedesktop.DBus.Error.InvalidArgs",
                     bad[i].shutdown ? "soft-reboot" : "shutdown");
    }
    host_stop = stop_all(&fixture);
    assert_text(&fixture, host_stop, HOST_STOP, "Kind", "by-hand");
    bus_fixture_do(&fixture, ROOT, MANAGER, "StopAll", "a{sv}", 1, "shutdown", "b", 1);
    assert_text(&fixture, host_stop, HOST_STOP, "Kind", "");
    bus_fixture_do(&fixture, ROOT, MANAGER, "StopAll", "a{sv}", 2, "shutdown", "b", 1, "kind", "s",
                   "kexec");
    assert_text(&fixture, host_stop, HOST_STOP, "Kind", "kexec");
    bus_fixture_do(&fixture, ROOT, MANAGER, "StopAll", "a{sv}", 1, "shutdown", "b", 1);
    assert_text(&fixture, host_stop, HOST_STOP, "Kind", "kexec");
    bus_fixture_tear_down(&fixture);
}

/* Who hears of the stops knows what they are a part of. */
static void
test_comes(void)
{
    g_autofree char *host_stop = NULL, *web1 = NULL, *db1 = NULL, *both = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    bus_fixture_forget(&fixture);
    host_stop = stop_all(&fixture);
    await_object(&fixture, "InterfacesAdded", host_stop);
    web1 = stop_of(&fixture, "web1");
    db1 = stop_of(&fixture, "db1");
    await_object(&fixture, "InterfacesAdded", web1);
    both = g_strconcat(db1, ",", web1, NULL);
    assert_paths(&fixture, host_stop, HOST_STOP, "Stops", both);
    assert_text(&fixture, web1, STOP, "HostStop", host_stop);
    assert_text(&fixture, db1, STOP, "HostStop", host_stop);
    bus_fixture_tear_down(&fixture);
}

static void
test_is_managed(void)
{
    g_autoptr(sd_bus_message) reply = NULL;
    g_autofree char *host_stop = NULL;
    bool found = false;
    BusFixture fixture;
    const char *path;

    if (!bus_fixture_set_up(&fixture))
        return;
    host_stop = stop_all(&fixture);
    reply = bus_fixture_call(&fixture, ROOT, "org.freedesktop.DBus.ObjectManager",
                             "GetManagedObjects", NULL);
    assert_ok(reply);
    g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}"), >, 0);
    while (sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}") > 0) {
        sd_bus_message_read(reply, "o", &path);
        found |= g_str_equal(path, host_stop);
        sd_bus_message_skip(reply, "a{sa{sv}}");
        sd_bus_message_exit_container(reply);
    }
    g_assert_true(found);
    bus_fixture_tear_down(&fixture);
}

static void
test_last_call(void)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};
    g_autofree char *host_stop = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    host_stop = stop_all(&fixture);
    bus_fixture_forget(&fixture);
    fixture.now.mono += 50 * G_USEC_PER_SEC;
    g_assert_true(bus_fixture_step(&fixture, &timer, NULL)); /* it stood still, and listens first */
    fixture.now.mono += G_USEC_PER_SEC / 10;
    g_assert_true(bus_fixture_step(&fixture, &timer, NULL));
    assert_told(&fixture, host_stop, "Phase", "last-call");
    bus_fixture_tear_down(&fixture);
}

static void
test_extended(void)
{
    g_autoptr(sd_bus_message) changed = NULL;
    g_autofree char *host_stop = NULL;
    BusFixture fixture;
    uint64_t deadline;
    gint64 before;

    if (!bus_fixture_set_up(&fixture))
        return;
    host_stop = stop_all(&fixture);
    before = bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Deadline");
    bus_fixture_forget(&fixture);
    bus_fixture_do(&fixture, ROOT, MANAGER, "ExtendAll", "ta{sv}", (guint64)1000000, 0);
    changed = bus_fixture_await_property(&fixture, host_stop, "Deadline");
    g_assert_cmpint(sd_bus_message_read(changed, "t", &deadline), >, 0);
    g_assert_cmpint((gint64)deadline, ==, before + 1000000);
    bus_fixture_tear_down(&fixture);
}

/* web1 is to be started again, so it stays. */
static void
test_is_over(void)
{
    g_autofree char *host_stop = NULL, *web1 = NULL, *db1 = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    host_stop = stop_all(&fixture);
    web1 = stop_of(&fixture, "web1");
    db1 = stop_of(&fixture, "db1");
    bus_fixture_forget(&fixture);
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_SHUTDOWN);
    await_other_stops(&fixture, host_stop);
    assert_paths(&fixture, host_stop, HOST_STOP, "Stops", db1);
    assert_text(&fixture, web1, STOP, "HostStop", host_stop); /* what it was stays */
    end_db1(&fixture);
    assert_told(&fixture, host_stop, "Phase", "over");
    g_assert_cmpint(bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Deadline"), ==, -1);
    assert_paths(&fixture, host_stop, HOST_STOP, "Stops", "");
    assert_paths(&fixture, ROOT, MANAGER, "HostStops", host_stop);
    bus_fixture_tear_down(&fixture);
}

/* db1 is transient: nothing is to be started again. */
static void
test_goes(void)
{
    g_autoptr(sd_bus_message) none = NULL, reply = NULL;
    g_autofree char *host_stop = NULL, *db1 = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    bus_fixture_end_guest(&fixture, WEB1_UUID, "web1", VS_STOPPED_DESTROYED);
    host_stop = stop_all(&fixture);
    db1 = stop_of(&fixture, "db1");
    bus_fixture_forget(&fixture);
    end_db1(&fixture);
    await_object(&fixture, "InterfacesRemoved", host_stop);
    none = bus_fixture_await_property(&fixture, ROOT, "HostStops");
    g_assert_cmpint(sd_bus_message_enter_container(none, 'a', "o"), >, 0);
    g_assert_cmpint(sd_bus_message_at_end(none, false), >, 0);
    reply = bus_fixture_call(&fixture, host_stop, PROPERTIES, "Get", "ss", HOST_STOP, "Phase");
    assert_error(reply, UNKNOWN_OBJECT, host_stop);
    assert_text(&fixture, db1, STOP, "HostStop", host_stop); /* its id is in the record, too */
    bus_fixture_tear_down(&fixture);
}

/* One that was asked for by itself becomes a part, and nothing else of it changes. */
static void
test_taken_in(void)
{
    g_autofree char *host_stop = NULL, *web1 = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    web1 = bus_fixture_stop(&fixture, "web1");
    assert_text(&fixture, web1, STOP, "HostStop", "/");
    bus_fixture_forget(&fixture);
    bus_fixture_do(&fixture, ROOT, MANAGER, "StopAll", "a{sv}", 0);
    host_stop = get_paths(&fixture, ROOT, MANAGER, "HostStops");
    assert_told(&fixture, web1, "HostStop", host_stop);
    assert_text(&fixture, web1, STOP, "HostStop", host_stop);
    bus_fixture_tear_down(&fixture);
}

/* Another request joins it, and its words hold. */
static void
test_asked_again(void)
{
    g_autofree char *host_stop = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    host_stop = stop_all(&fixture);
    bus_fixture_forget(&fixture);
    bus_fixture_do(&fixture, ROOT, MANAGER, "StopAll", "a{sv}", 3, "reason", "s", "no power",
                   "shutdown", "b", 1, "ladder", "s", "power-button:1min leave");
    assert_told(&fixture, host_stop, "Ladder", "power-button:1min leave");
    assert_text(&fixture, host_stop, HOST_STOP, "Reason", "no power");
    assert_paths(&fixture, ROOT, MANAGER, "HostStops", host_stop);
    assert_text(&fixture, host_stop, HOST_STOP, "Ladder", "power-button:1min leave");
    g_assert_cmpint(bus_fixture_get_number(&fixture, host_stop, HOST_STOP, "Shutdown"), ==, 1);
    bus_fixture_tear_down(&fixture);
}

/* db1 is being destroyed, which can't be called off: it still is a part. */
static void
test_called_off(void)
{
    g_autofree char *host_stop = NULL, *db1 = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    host_stop = stop_all(&fixture);
    db1 = stop_of(&fixture, "db1");
    bus_fixture_forget(&fixture);
    bus_fixture_do(&fixture, ROOT, MANAGER, "CancelAll", "a{sv}", 0);
    assert_told(&fixture, host_stop, "Phase", "called-off");
    assert_paths(&fixture, host_stop, HOST_STOP, "Stops", db1);
    bus_fixture_forget(&fixture);
    end_db1(&fixture);
    await_other_stops(&fixture, host_stop);
    assert_paths(&fixture, host_stop, HOST_STOP, "Stops", "");
    bus_fixture_tear_down(&fixture);
}

/* As the daemon begins, where there is a host stop already: it isn't new, and goes on. */
static void
test_is_there_at_the_start(void)
{
    g_autofree char *host_stop = NULL;
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    host_stop = stop_all(&fixture);
    g_clear_pointer(&fixture.bus, vs_bus_free);
    bus_fixture_start(&fixture);
    bus_fixture_await_service(&fixture);
    bus_fixture_forget(&fixture);
    assert_text(&fixture, host_stop, HOST_STOP, "Phase", "stopping");
    end_guests(&fixture);
    assert_told(&fixture, host_stop, "Phase", "over");
    bus_fixture_tear_down(&fixture);
}

static void
test_no_such_object(void)
{
    static const char *const paths[] = {
        "/org/virtstop1/host_stop",
        "/org/virtstop1/host_stop/x",
        "/org/virtstop1/host_stop/11111111_2222_4333_8444_555555555501",
    };
    BusFixture fixture;

    if (!bus_fixture_set_up(&fixture))
        return;
    bus_fixture_do(&fixture, ROOT, MANAGER, "StopAll", "a{sv}", 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(sd_bus_message) reply =
            bus_fixture_call(&fixture, paths[i], PROPERTIES, "Get", "ss", HOST_STOP, "Phase");

        g_assert_true(sd_bus_message_is_method_error(reply, NULL));
    }
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/bus-host-stop/kind", test_kind);
    g_test_add_func("/bus-host-stop/part", test_part);
    g_test_add_func("/bus-host-stop/ran", test_ran);
    g_test_add_func("/bus-host-stop/properties", test_properties);
    g_test_add_func("/bus-host-stop/comes", test_comes);
    g_test_add_func("/bus-host-stop/is-managed", test_is_managed);
    g_test_add_func("/bus-host-stop/last-call", test_last_call);
    g_test_add_func("/bus-host-stop/extended", test_extended);
    g_test_add_func("/bus-host-stop/is-over", test_is_over);
    g_test_add_func("/bus-host-stop/goes", test_goes);
    g_test_add_func("/bus-host-stop/taken-in", test_taken_in);
    g_test_add_func("/bus-host-stop/asked-again", test_asked_again);
    g_test_add_func("/bus-host-stop/called-off", test_called_off);
    g_test_add_func("/bus-host-stop/is-there-at-the-start", test_is_there_at_the_start);
    g_test_add_func("/bus-host-stop/no-such-object", test_no_such_object);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/stat.h>

#include "bus-client.h"
#include "ctl-fixture.h"
#include "vs-test.h"

/* doctor, with a systemd that says what it is told. db1 has no agent channel, no ACPI, and
 * on_poweroff=restart; web1 is as it should be. */

static const char *enabled; /* the one unit that is */

/* The object's path ends in 1 for the hook, 2 for libvirt-guests, 3 for poweroff.target. */
static const char *const units[] = {"virtstop-guests.service", "libvirt-guests.service",
                                    "poweroff.target"};

static int
on_load_unit(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    const char *name;

    sd_bus_message_read(call, "s", &name);
    for (unsigned i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *path = g_strdup_printf("/org/freedesktop/systemd1/unit/%u", i);
        if (g_str_equal(units[i], name))
            return sd_bus_reply_method_return(call, "o", path);
    }
    return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_INVALID_ARGS, "no such unit");
}

static int
get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
         sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    const char *unit = units[path[strlen(path) - 1] - '0'];
    bool is = g_str_equal(unit, enabled);

    if (g_str_equal(property, "LoadState"))
        return sd_bus_message_append(reply, "s", "loaded");
    if (g_str_equal(property, "ActiveState"))
        return sd_bus_message_append(reply, "s", is ? "active" : "inactive");
    return sd_bus_message_append(reply, "s", is ? "enabled" : "disabled");
}

static int
get_timeout(sd_bus *bus, const char *path, const char *interface, const char *property,
            sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "t", UINT64_C(90000000));
}

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("LoadUnit", "s", "o", on_load_unit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable unit_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("LoadState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("ActiveState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("UnitFileState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("JobTimeoutUSec", "t", get_timeout, 0, 0),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable service_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("TimeoutStopUSec", "t", get_timeout, 0, 0),
    SD_BUS_VTABLE_END,
};

static void
play_systemd(BusFixture *fixture, const char *enabled_unit)
{
    const char *path = "/org/freedesktop/systemd1";

    enabled = enabled_unit;
    sd_bus_add_object_vtable(fixture->client, NULL, path, "org.freedesktop.systemd1.Manager",
                             manager, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *unit = g_strdup_printf("%s/unit/%u", path, i);
        sd_bus_add_object_vtable(fixture->client, NULL, unit, "org.freedesktop.systemd1.Unit",
                                 unit_vtable, NULL);
        sd_bus_add_object_vtable(fixture->client, NULL, unit, "org.freedesktop.systemd1.Service",
                                 service_vtable, NULL);
    }
    g_assert_cmpint(sd_bus_request_name(fixture->client, "org.freedesktop.systemd1", 0), >=, 0);
}

/* A root with nothing in it but @text in @name of @dir; NULL: nothing. */
static void
make_root(const char *dir, const char *name, const char *text)
{
    const char *root = vs_test_dir();
    g_autofree char *whole = g_build_filename(root, dir, NULL);

    g_assert_cmpint(g_mkdir_with_parents(whole, 0755), ==, 0);
    if (text)
        g_free(vs_test_write(whole, name, text));
    g_setenv("VIRTSTOP_DOCTOR_ROOT", root, TRUE);
}

static void
examine(BusFixture *fixture, CtlRun *run, const char *option)
{
    const char *const words[] = {"doctor", option, NULL};

    g_assert_true(ctl_start(run, words, -1));
    ctl_await_end(fixture, run);
}

static void
set_guest(BusFixture *fixture, const char *uuid, const char *name, VsAgentState agent, bool no_acpi,
          VsOnPoweroff on_poweroff)
{
    VsDomainInfo info = {.state = VS_STATE_RUNNING, .agent = agent, .persistent = true};
    VsEvent event = {.type = VS_EVENT_LOOKED_UP, .domain = &info.domain};

    info.domain = (VsDomainId){
        .uri = (char *)TEST_URI, .name = (char *)name, .id = g_str_equal(name, "web1") ? 1 : 2};
    g_strlcpy(info.domain.uuid.text, uuid, sizeof info.domain.uuid.text);
    info.no_acpi = no_acpi;
    info.on_poweroff = on_poweroff;
    event.looked_up.info = &info;
    event.looked_up.serial = UINT64_MAX;
    g_assert_true(bus_fixture_step(fixture, &event, NULL));
}

static void
cure(BusFixture *fixture)
{
    set_guest(fixture, DB1_UUID, "db1", VS_AGENT_CONNECTED, false, VS_ON_POWEROFF_DESTROY);
}

static void
test_guests(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    make_root("etc", "", NULL);
    play_systemd(&fixture, "virtstop-guests.service");
    set_guest(&fixture, WEB1_UUID, "web1", VS_AGENT_DISCONNECTED, false, VS_ON_POWEROFF_DESTROY);
    g_ptr_array_add(fixture.records,
                    g_strdup("{\"uri\":\"" TEST_URI "\",\"domain\":{\"uuid\":\"" WEB1_UUID
                             "\"},\"cause\":\"power-button\",\"clean\":true,\"took_ms\":181000}"));
    examine(&fixture, &run, "--no-pager");
    g_assert_cmpstr(
        run.out->str, ==,
        "Error: “db1” is to go down by the power button first, but has no ACPI: it won't notice\n"
        "    Add <features><acpi/></features> (virsh edit) and start it anew, or give it a guest "
        "agent\n"
        "Error: “db1” starts again when it powers off (on_poweroff=restart): it can only be cut "
        "off\n"
        "    Set <on_poweroff>destroy</on_poweroff> (virsh edit), and start it anew\n"
        "Warning: “web1” has a channel for the guest agent, but no agent listens there\n"
        "    Install and start qemu-guest-agent in the guest, or take “agent” out of its ladder\n"
        "Warning: “web1” once took 3min 1s to come down, but its ladder gives it 3min\n"
        "    Give its steps more time (Ladder= in virtstop.conf)\n"
        "Hint: “db1” has no channel for a guest agent\n"
        "    Add the channel org.qemu.guest_agent.0 (virsh edit), and the agent in the guest: it "
        "is the surest way to power off\n");
    assert_ctl(&run, 1, "");
    bus_fixture_tear_down(&fixture);
}

/* What was cut off, or saved, tells nothing of how long the guest needs; hints are no findings. */
static void
test_nothing(void)
{
    static const char *const others[] = {"\"cause\":\"destroyed\",\"clean\":false",
                                         "\"cause\":\"saved\",\"clean\":true"};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    make_root("etc", "", NULL);
    play_systemd(&fixture, "virtstop-guests.service");
    set_guest(&fixture, DB1_UUID, "db1", VS_AGENT_NONE, false, VS_ON_POWEROFF_DESTROY);
    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
        g_ptr_array_add(fixture.records, g_strdup_printf("{\"uri\":\"" TEST_URI
                                                         "\",\"domain\":{\"uuid\":\"" WEB1_UUID
                                                         "\"},%s,\"took_ms\":900000}",
                                                         others[i]));
    examine(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0, "Hint: “db1” has no channel");
    assert_ctl(&run, 0, "\nNothing is wrong here.\n");
    g_assert_false(ctl_said(&run, "“web1”"));
    bus_fixture_tear_down(&fixture);
}

static void
test_host(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    cure(&fixture);
    make_root("etc/libvirt", "qemu.conf",
              "#auto_shutdown_poweroff = \"all\"\nauto_shutdown_try_save = \"none\"\n"
              "auto_shutdown_try_shutdown = \"persistent\" # all of them\n");
    play_systemd(&fixture, "libvirt-guests.service");
    examine(&fixture, &run, "--no-pager");
    assert_ctl(&run, 1,
               "Error: virtstop-guests.service is disabled and inactive: no guest is stopped");
    assert_ctl(&run, 1, "Error: libvirt-guests.service is enabled: it stops the guests, too\n");
    assert_ctl(&run, 1,
               "/etc/libvirt/qemu.conf: “auto_shutdown_try_shutdown = \"persistent\"”: libvirt");
    g_assert_false(ctl_said(&run, "poweroff = "));
    g_assert_false(ctl_said(&run, "try_save"));
    examine(&fixture, &other, "--json=short");
    assert_ctl(&other, 1,
               "{\"severity\":\"error\",\"check\":\"libvirt-guests\",\"domain\":null,\"what\":");
    bus_fixture_tear_down(&fixture);
}

/* Where there is no systemd, that is no finding. */
static void
test_no_systemd(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    cure(&fixture);
    make_root("etc", "", NULL);
    examine(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0, "Not checked: virtstop-guests.service: systemd can't be asked: ");
    assert_ctl(&run, 0, "Nothing is wrong here.");
    bus_fixture_tear_down(&fixture);
}

static void
test_libvirt_guests(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    cure(&fixture);
    make_root("etc/default", "libvirt-guests", "ON_SHUTDOWN=suspend\nSHUTDOWN_TIMEOUT=60\n");
    play_systemd(&fixture, "virtstop-guests.service");
    examine(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0,
               "\n/etc/default/libvirt-guests, in the words of virtstop.conf:\n\n[Daemon]\n"
               "MaxParallel=1\nPersistentOnly=yes\n\n[Default]\nOnBoot=ignore\n# A save takes");
    assert_ctl(&run, 0, "\nLadder=save:infinity leave\n");
    examine(&fixture, &other, "--json=short");
    assert_ctl(&other, 0,
               "{\"libvirt_guests\":\"/etc/default/libvirt-guests\",\"configuration\":\"[Daemon]");
    bus_fixture_tear_down(&fixture);
}

/* The worst case against systemd's time-outs, of 90 s here. */
static int
on_plan(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_reply_method_return(call, "s", (const char *)userdata);
}

static int
on_list(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    g_autoptr(sd_bus_message) reply = NULL;
    bool domains = g_str_equal(sd_bus_message_get_member(call), "ListDomains");

    g_assert_cmpint(sd_bus_message_new_method_return(call, &reply), >=, 0);
    g_assert_cmpint(sd_bus_message_open_container(reply, 'a', domains ? "(ossssiso)" : "s"), >=, 0);
    g_assert_cmpint(sd_bus_message_close_container(reply), >=, 0);
    return sd_bus_send(NULL, reply, NULL);
}

static const sd_bus_vtable planner[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Plan", "a{sv}", "s", on_plan, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListDomains", "", "a(ossssiso)", on_list, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("GetHistory", "su", "as", on_list, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static void
check_worst(const char *plan, int status, const char *said)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    bus_fixture_connect_client(&fixture);
    sd_bus_add_object_vtable(fixture.client, NULL, "/org/virtstop1", "org.virtstop1.Manager",
                             planner, (void *)plan);
    g_assert_cmpint(sd_bus_request_name(fixture.client, "org.virtstop1", 0), >=, 0);
    make_root("etc", "", NULL);
    play_systemd(&fixture, "virtstop-guests.service");
    examine(&fixture, &run, "--no-pager");
    assert_ctl(&run, status, said);
    bus_fixture_tear_down(&fixture);
}

static void
test_worst_case(void)
{
    check_worst("{\"worst_ms\":90000}", 0, "Nothing is wrong here.\n");
    check_worst("{\"worst_ms\":90001}", 1,
                "Warning: TimeoutStopSec= of virtstop-guests.service is 1min 30s, but stopping all "
                "guests takes at most: 1min 30s\n");
    check_worst("{\"worst_ms\":1800000}", 1,
                "Warning: JobTimeoutSec= of poweroff.target is 1min 30s, but stopping all guests "
                "takes at most: 30min\n");
    check_worst("{\"worst_ms\":null}", 1, "takes at most: no limit\n");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/ctl/doctor/guests", test_guests);
    g_test_add_func("/ctl/doctor/nothing", test_nothing);
    g_test_add_func("/ctl/doctor/host", test_host);
    g_test_add_func("/ctl/doctor/no-systemd", test_no_systemd);
    g_test_add_func("/ctl/doctor/libvirt-guests", test_libvirt_guests);
    g_test_add_func("/ctl/doctor/worst-case", test_worst_case);
    return g_test_run();
}

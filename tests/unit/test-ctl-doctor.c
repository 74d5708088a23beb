/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-client.h"
#include "doctor-fixture.h"
#include "vs-test.h"

/* doctor: what it says of guests, of virtstopd and of files. */

static void
test_guests(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    doctor_set_guest(&fixture, WEB1_UUID, "web1", VS_AGENT_DISCONNECTED, false,
                     VS_ON_POWEROFF_DESTROY);
    g_ptr_array_add(fixture.records,
                    g_strdup("{\"uri\":\"" TEST_URI "\",\"domain\":{\"uuid\":\"" WEB1_UUID
                             "\"},\"cause\":\"power-button\",\"clean\":true,\"took_ms\":181000}"));
    doctor_run(&fixture, &run, "--no-pager");
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
        "Warning: “web1” once took 3min 1s to come down, but all guests together have 40s, of "
        "which a destroy's own time is kept back\n"
        "    Give them more time (Budget= in virtstop.conf)\n"
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
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    doctor_set_guest(&fixture, DB1_UUID, "db1", VS_AGENT_NONE, false, VS_ON_POWEROFF_DESTROY);
    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
        g_ptr_array_add(fixture.records, g_strdup_printf("{\"uri\":\"" TEST_URI
                                                         "\",\"domain\":{\"uuid\":\"" WEB1_UUID
                                                         "\"},%s,\"took_ms\":900000}",
                                                         others[i]));
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0, "Hint: “db1” has no channel");
    assert_ctl(&run, 0, "\nNothing is wrong here.\n");
    g_assert_false(ctl_said(&run, "“web1”"));
    bus_fixture_tear_down(&fixture);
}

/* Where there is no systemd, that is no finding, but not everything was looked at. */
static void
test_no_systemd(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_cure(&fixture);
    doctor_make_root("etc", "", NULL);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0, "Not checked: virtstop-guests.service: systemd can't be asked: ");
    assert_ctl(&run, 0, "Nothing is wrong with what could be checked.\n");
    g_assert_false(ctl_said(&run, "Nothing is wrong here."));
    bus_fixture_tear_down(&fixture);
}

/* What the host has is looked at all the same. */
static void
test_no_daemon(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    bus_fixture_connect_client(&fixture);
    doctor_make_root("etc/default", "libvirt-guests", "ON_SHUTDOWN=shutdown\n");
    played_units[PLAYED_LIBVIRT_GUESTS].file_state = "enabled";
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 1, "Error: Nobody watches the guests: virtstopd isn't on the bus (");
    assert_ctl(&run, 1, "    systemctl enable --now virtstopd.service; where that fails, ");
    assert_ctl(&run, 1, "Error: libvirt-guests.service is enabled: it stops the guests, too\n");
    assert_ctl(&run, 1, "Not checked: The guests: only virtstopd knows them\n");
    assert_ctl(&run, 1,
               "\n/etc/default/libvirt-guests, in the words of virtstop.conf:\n\n[Daemon]");
    doctor_run(&fixture, &other, "--json=short");
    assert_ctl(&other, 1, "{\"severity\":\"error\",\"check\":\"daemon\",");
    bus_fixture_tear_down(&fixture);
}

/* Of guests that nobody knows of there is nothing to be said, but that. */
static void
test_no_libvirt(void)
{
    static const char *const words[] = {"doctor", "--no-pager", NULL};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_cure(&fixture);
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    g_assert_true(ctl_start(&run, words, -1));
    ctl_await_end(&fixture, &run);
    assert_ctl(&run, 1, "Error: virtstopd has no connection to libvirt at “" OTHER_URI "”: as ");
    g_assert_false(ctl_said(&run, TEST_URI));
    bus_fixture_tear_down(&fixture);
}

static void
test_libvirt_guests(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_cure(&fixture);
    doctor_make_root("etc/default", "libvirt-guests", "ON_SHUTDOWN=suspend\nSHUTDOWN_TIMEOUT=60\n");
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0,
               "\n/etc/default/libvirt-guests, in the words of virtstop.conf:\n\n[Daemon]\n"
               "MaxParallel=1\nPersistentOnly=yes\n\n[Default]\nOnBoot=ignore\n# A save takes");
    assert_ctl(&run, 0, "\nLadder=save:infinity leave\n");
    doctor_run(&fixture, &other, "--json=short");
    assert_ctl(&other, 0,
               "{\"libvirt_guests\":\"/etc/default/libvirt-guests\",\"configuration\":\"[Daemon]");
    bus_fixture_tear_down(&fixture);
}

/* A guest that is saved needs neither ACPI nor an agent, and doesn't power off. */
static void
test_saved(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};
    VsPolicy policy;

    if (!ctl_fixture_set_up(&fixture))
        return;
    vs_policy_init(&policy);
    g_assert_true(vs_ladder_parse("save:infinity leave", &policy.all.ladder, NULL));
    vs_engine_set_policy(fixture.engine, &policy);
    vs_policy_clear(&policy);
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    g_assert_cmpstr(run.out->str, ==, "Nothing is wrong here.\n");
    bus_fixture_tear_down(&fixture);
}

/* db1 takes no part in the stop of all guests. */
static void
test_budget(void)
{
    static const char record[] = "{\"uri\":\"" TEST_URI "\",\"domain\":{\"uuid\":\"%s\"},"
                                 "\"cause\":\"power-button\",\"clean\":true,\"took_ms\":%u}";
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_cure(&fixture);
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    g_ptr_array_add(fixture.records, g_strdup_printf(record, DB1_UUID, 170000));
    g_ptr_array_add(fixture.records, g_strdup_printf(record, WEB1_UUID, 25000));
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0, "Nothing is wrong here.\n");
    g_ptr_array_add(fixture.records, g_strdup_printf(record, WEB1_UUID, 25001));
    doctor_run(&fixture, &other, "--no-pager");
    assert_ctl(&other, 1,
               "Warning: “web1” once took 25.0 s to come down, but all guests together have 40s, "
               "of which a destroy's own time is kept back\n"
               "    Give them more time (Budget= in virtstop.conf)\n");
    g_assert_false(ctl_said(&other, "“db1”"));
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    doctor_add("/ctl/doctor/guests", test_guests);
    doctor_add("/ctl/doctor/nothing", test_nothing);
    doctor_add("/ctl/doctor/no-systemd", test_no_systemd);
    doctor_add("/ctl/doctor/no-daemon", test_no_daemon);
    doctor_add("/ctl/doctor/no-libvirt", test_no_libvirt);
    doctor_add("/ctl/doctor/libvirt-guests", test_libvirt_guests);
    doctor_add("/ctl/doctor/budget", test_budget);
    doctor_add("/ctl/doctor/saved", test_saved);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "bus-client.h"
#include "doctor-fixture.h"
#include "vs-test.h"

/* doctor: what it says of guests, of virtstopd and of files. */

#define WEB1                                                                                       \
    {                                                                                              \
        .uri = (char *)TEST_URI, .name = (char *)"web1", .uuid.text = WEB1_UUID                    \
    }
#define DB1                                                                                        \
    {                                                                                              \
        .uri = (char *)TEST_URI, .name = (char *)"db1", .uuid.text = DB1_UUID                      \
    }

/* The worst first, though virtstopd tells guest by guest; others' guests are not asked for. */
static const VsFinding found[] = {
    {VS_FINDING_NO_AGENT_CHANNEL, DB1},
    {VS_FINDING_NO_ACPI, DB1},
    {VS_FINDING_ON_POWEROFF, DB1, .on_poweroff = VS_ON_POWEROFF_RESTART},
    {VS_FINDING_AGENT_NOT_CONNECTED, WEB1},
    {VS_FINDING_DEADLINE_TOO_SHORT, WEB1, .took = 181 * G_USEC_PER_SEC,
     .given = 180 * G_USEC_PER_SEC},
    {VS_FINDING_BUDGET_TOO_SHORT, WEB1, .took = 181 * G_USEC_PER_SEC, .given = 40 * G_USEC_PER_SEC},
    {VS_FINDING_CUT_SHORT, WEB1, .took = 32 * G_USEC_PER_SEC, .given = 60 * G_USEC_PER_SEC},
    {VS_FINDING_STEP_NOT_THERE, WEB1, .message = (char *)"paravirt"},
    {VS_FINDING_NO_ACPI, {.uri = (char *)OTHER_URI, .name = (char *)"web2"}},
};

#define SET_BUDGET(span)                                                                           \
    "    mkdir -p DIR/virtstop.conf.d && printf '[Daemon]\\nBudget=" span                          \
    "\\n' >DIR/virtstop.conf.d/50-budget.conf && systemctl reload virtstopd.service\n"

static void
test_guests(void)
{
    g_auto(GStrv) parts = NULL;
    g_autofree char *out = NULL;
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    fixture.findings = found;
    fixture.n_findings = G_N_ELEMENTS(found);
    doctor_run(&fixture, &run, "--no-pager");
    parts = g_strsplit(run.out->str, g_getenv("CONFIGURATION_DIRECTORY"), -1);
    out = g_strjoinv("DIR", parts);
    g_assert_cmpstr(
        out, ==,
        "Error: “db1” is to go down by the power button first, but has no ACPI: it won't notice\n"
        "    Add <features><acpi/></features> (virsh edit) and start it anew, or give it a guest "
        "agent\n"
        "    virsh -c 'qemu:///one' edit 'db1'\n"
        "Error: “db1” starts again when it powers off (on_poweroff=restart): a stop "
        "has to end it as soon as its system is down\n"
        "    Set <on_poweroff>destroy</on_poweroff> (virsh edit), and start it anew\n"
        "    virsh -c 'qemu:///one' dumpxml --inactive --security-info 'db1' | sed "
        "'s|<on_poweroff>[a-z-]*|<on_poweroff>destroy|' | virsh -c 'qemu:///one' define "
        "/dev/stdin\n"
        "Error: “web1” is to be stopped by the step “paravirt”, which libvirt's driver at " TEST_URI
        " doesn't have: it is passed over\n"
        "    Give it a ladder that fits its driver (Ladder= in virtstop.conf; virtstop.conf(5) has "
        "a "
        "table), or none\n"
        "    virtstopctl edit-policy 'web1'\n"
        "Warning: “web1” has a channel for the guest agent, but no agent listens there\n"
        "    Install and start qemu-guest-agent in the guest, or take “agent” out of its ladder\n"
        "    virsh -c 'qemu:///one' qemu-agent-command 'web1' '{\"execute\":\"guest-ping\"}'\n"
        "Warning: “web1” once took 3 min 1 s to come down, but its ladder gives it 3 min\n"
        "    Give its steps more time (Ladder= in virtstop.conf)\n"
        "    virtstopctl edit-policy 'web1'\n"
        "Warning: “web1” once took 3 min 1 s to come down, but all guests together have 40 s, of "
        "which a destroy's own time is kept back\n"
        "    Give them more time (Budget= in virtstop.conf)\n" SET_BUDGET(
            "4min") "Warning: In a stop of all guests, as it is planned, “web1” is cut short: it "
                    "takes 32 s, "
                    "and all of them together have 1 min\n"
                    "    Give them more time (Budget= in virtstop.conf), or another order; "
                    "virtstopctl plan "
                    "tells how long would do\n" SET_BUDGET(
                        "2min") "Hint: “db1” has no channel for a guest agent\n"
                                "    Add the channel org.qemu.guest_agent.0 (virsh edit), and the "
                                "agent in the guest: it "
                                "is the surest way to power off\n"
                                "    echo '<channel type=\"unix\"><target type=\"virtio\" "
                                "name=\"org.qemu.guest_agent.0\"/></channel>' | virsh -c "
                                "'qemu:///one' attach-device 'db1' "
                                "/dev/stdin --config\n");
    assert_ctl(&run, 1, "");
    bus_fixture_tear_down(&fixture);
}

/* Hints are nothing that is wrong. */
static void
test_nothing(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    fixture.findings = found;
    fixture.n_findings = 1;
    doctor_run(&fixture, &run, "--no-pager");
    g_assert_cmpint(found[0].kind, ==, VS_FINDING_NO_AGENT_CHANNEL);
    assert_ctl(&run, 0, "Hint: “db1” has no channel");
    assert_ctl(&run, 0, "\nNothing is wrong here.\n");
    bus_fixture_tear_down(&fixture);
}

static void
test_records_unread(void)
{
    static const VsFinding unread = {.kind = VS_FINDING_RECORDS,
                                     .message = (char *)"stops.jsonl can't be read"};
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    fixture.findings = &unread;
    fixture.n_findings = 1;
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0,
               "Not checked: How long the guests took before: stops.jsonl can't be read\n");
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
    assert_ctl(
        &run, 1,
        "    systemctl enable --now virtstopd.service; systemctl status virtstopd.service\n");
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
    g_auto(CtlRun) unasked = {0}, run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc/default", "libvirt-guests", "ON_SHUTDOWN=suspend\nSHUTDOWN_TIMEOUT=60\n");
    played_systemd_start(&fixture);
    doctor_run(&fixture, &unasked, "--no-pager");
    g_assert_false(ctl_said(&unasked, "in the words of"));
    doctor_run(&fixture, &run, "--libvirt-guests");
    assert_ctl(&run, 0,
               "\n/etc/default/libvirt-guests, in the words of virtstop.conf:\n\n[Daemon]\n"
               "MaxParallel=1\nPersistentOnly=yes\n\n[Default]\nOnBoot=ignore\n# A save takes");
    assert_ctl(&run, 0, "\nLadder=save:infinity leave\n");
    played_units[PLAYED_LIBVIRT_GUESTS].file_state = "enabled"; /* it is in use */
    doctor_run(&fixture, &other, "--json=short");
    assert_ctl(&other, 1,
               "{\"libvirt_guests\":\"/etc/default/libvirt-guests\",\"configuration\":\"[Daemon]");
    bus_fixture_tear_down(&fixture);
}

/* What is said of many is said once. */
static void
test_many(void)
{
    g_autofree VsFinding *many = g_new0(VsFinding, 10);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, json = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    for (unsigned i = 0; i < 10; i++) {
        g_ptr_array_add(names, g_strdup_printf("g%u", i));
        many[i] = (VsFinding){VS_FINDING_NO_AGENT_CHANNEL,
                              {.uri = (char *)TEST_URI, .name = names->pdata[i]}};
    }
    fixture.findings = many;
    fixture.n_findings = 10;
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 0,
               "Hint: 10 guests have no channel for a guest agent: “g0”, “g1”, “g2”, “g3”, “g4”, "
               "“g5”, “g6”, “g7” and 2 more\n");
    assert_ctl(&run, 0, "attach-device 'g2' /dev/stdin --config\n    ... and likewise");
    g_assert_false(ctl_said(&run, "'g3'"));
    doctor_run(&fixture, &json, "--json=short");
    assert_ctl(&json, 0, "attach-device 'g9' /dev/stdin --config");
    bus_fixture_tear_down(&fixture);
}

/* A file that is wrong, has a word that nobody knows, or is newer than what is in force. */
static void
test_configuration(void)
{
    BusFixture fixture;
    g_auto(CtlRun) right = {0}, newer = {0}, warned = {0}, wrong = {0};
    g_autofree char *path = NULL;

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    doctor_run(&fixture, &right, "--no-pager");
    assert_ctl(&right, 0, "Nothing is wrong here.");
    vs_bus_tell_config(fixture.bus, "another");
    doctor_run(&fixture, &newer, "--no-pager");
    assert_ctl(&newer, 1, "Warning: The configuration on disk is another than the one in force");
    assert_ctl(&newer, 1, "    systemctl reload virtstopd.service\n");
    g_free(vs_test_write(g_getenv("CONFIGURATION_DIRECTORY"), "virtstop.conf",
                         "[Daemon]\nColour=red\n"));
    doctor_run(&fixture, &warned, "--no-pager");
    assert_ctl(&warned, 1, "virtstop.conf:2: ");
    assert_ctl(&warned, 1, "It has no effect");
    g_free(vs_test_write(g_getenv("CONFIGURATION_DIRECTORY"), "virtstop.conf",
                         "[Daemon]\nBudget=soon\n"));
    doctor_run(&fixture, &wrong, "--no-pager");
    assert_ctl(&wrong, 1, "Error: The configuration on disk is wrong: ");
    assert_ctl(&wrong, 1, "virtstop.conf:2: ");
    path = g_build_filename(g_getenv("CONFIGURATION_DIRECTORY"), "virtstop.conf", NULL);
    g_assert_cmpint(g_unlink(path), ==, 0);
    bus_fixture_tear_down(&fixture);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    doctor_add("/ctl/doctor/guests", test_guests);
    doctor_add("/ctl/doctor/nothing", test_nothing);
    doctor_add("/ctl/doctor/records-unread", test_records_unread);
    doctor_add("/ctl/doctor/no-systemd", test_no_systemd);
    doctor_add("/ctl/doctor/no-daemon", test_no_daemon);
    doctor_add("/ctl/doctor/no-libvirt", test_no_libvirt);
    doctor_add("/ctl/doctor/libvirt-guests", test_libvirt_guests);
    doctor_add("/ctl/doctor/many", test_many);
    doctor_add("/ctl/doctor/configuration", test_configuration);
    return g_test_run();
}

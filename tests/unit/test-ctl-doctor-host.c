/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/stat.h>
#include <unistd.h>

#include "bus-client.h"
#include "doctor-fixture.h"
#include "vs-test.h"

/* doctor: what systemd and others would do to the guests. */

static void
test_host(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc/libvirt", "qemu.conf",
                     "#auto_shutdown_poweroff = \"all\"\nauto_shutdown_try_save = \"none\"\n"
                     "auto_shutdown_try_shutdown = \"persistent\" # all of them\n");
    played_units[PLAYED_HOOK].state = "inactive";
    played_units[PLAYED_HOOK].file_state = "disabled";
    played_units[PLAYED_LIBVIRT_GUESTS].file_state = "enabled";
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 1,
               "Error: virtstop-guests.service is inactive: no guest is stopped before the host "
               "goes down\n    Have it started, now and with each boot\n    systemctl enable --now "
               "virtstop-guests.service\n");
    assert_ctl(&run, 1, "Error: libvirt-guests.service is enabled: it stops the guests, too\n");
    assert_ctl(&run, 1,
               "/etc/libvirt/qemu.conf: “auto_shutdown_try_shutdown = \"persistent\"”: libvirt");
    assert_ctl(&run, 1,
               "\n    sed -i 's/^[ \\t]*auto_shutdown_try_shutdown[ "
               "\\t]*=.*/auto_shutdown_try_shutdown = \"none\"/' /etc/libvirt/qemu.conf && "
               "systemctl try-restart virtqemud.service; systemctl try-restart libvirtd.service\n");
    g_assert_false(ctl_said(&run, "poweroff = "));
    g_assert_false(ctl_said(&run, "try_save"));
    doctor_run(&fixture, &other, "--json=short");
    assert_ctl(&other, 1,
               "{\"severity\":\"error\",\"check\":\"libvirt-guests\",\"domain\":null,\"what\":");
    bus_fixture_tear_down(&fixture);
}

/* More in the same root. */
static void
put(const char *dir, const char *name, const char *text)
{
    g_autofree char *whole = g_build_filename(g_getenv("VIRTSTOP_DOCTOR_ROOT"), dir, NULL);

    g_assert_cmpint(g_mkdir_with_parents(whole, 0755), ==, 0);
    if (name)
        g_free(vs_test_write(whole, name, text));
}

/* What doctor says where user nobody has a session of libvirt, and says @conf of it. @library: the
 * file of libvirt, or NULL. */
static void
check_session(const char *conf, const char *library, int status, const char *said)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    if (geteuid() != 0) {
        g_test_skip("needs root, who looks at the users' sessions");
        bus_fixture_tear_down(&fixture);
        return;
    }
    doctor_make_root("run/user/65534/libvirt/qemu", NULL, NULL);
    put("nonexistent/.config/libvirt", "qemu.conf", conf);
    put("usr/lib/x86_64-linux-gnu", library, "");
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, status, said);
    bus_fixture_tear_down(&fixture);
}

/* A session's libvirt does so by itself from 11.3 on; root has only a hint of what isn't his. */
static void
test_session(void)
{
    check_session("auto_shutdown_try_save = \"persistent\"\n", NULL, 0,
                  "Hint: /nonexistent/.config/libvirt/qemu.conf: “auto_shutdown_try_save = "
                  "\"persistent\"”: the libvirt of nobody's session stops its guests itself");
    check_session("", "libvirt.so.0.11002.0", 0, "Nothing is wrong here.\n");
    check_session("auto_shutdown_try_save = \"none\"\n", "libvirt.so.0.11003.0", 0,
                  "Hint: The libvirt of nobody's session saves its guests, or shuts them down");
    check_session("auto_shutdown_try_save = \"none\"\nauto_shutdown_try_shutdown = 'none'\n"
                  "auto_shutdown_poweroff=\"none\" # all\n",
                  "libvirt.so.0.12008.0", 0, "Nothing is wrong here.\n");
}

/* In a user's home anything may stand: none of it is waited for, or read without end. */
static void
test_session_of_no_file(void)
{
    g_autofree char *path = NULL;

    check_session("", NULL, 0, "Nothing is wrong here.\n");
    path = g_build_filename(g_getenv("VIRTSTOP_DOCTOR_ROOT"),
                            "nonexistent/.config/libvirt/qemu.conf", NULL);
    for (unsigned i = 0; geteuid() == 0 && i < 2; i++) {
        BusFixture fixture;
        g_auto(CtlRun) run = {0};

        if (!ctl_fixture_set_up(&fixture))
            return;
        g_assert_cmpint(unlink(path), ==, 0);
        if (i == 0)
            g_assert_cmpint(mkfifo(path, 0600), ==, 0);
        else
            g_assert_cmpint(symlink("/dev/zero", path), ==, 0);
        played_systemd_start(&fixture);
        doctor_run(&fixture, &run, "--no-pager");
        assert_ctl(&run, 0, "Nothing is wrong here.\n");
        bus_fixture_tear_down(&fixture);
    }
}

/* What has been told to run, or not to run, and does so after the next boot only. */
static void
test_until_next_boot(void)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0}, other = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_units[PLAYED_HOOK].file_state = "disabled";
    played_units[PLAYED_LIBVIRT_GUESTS].state = "active";
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, 1,
               "Error: virtstop-guests.service is disabled: after the next boot no guest is "
               "stopped before the host goes down\n"
               "    Have it started with each boot\n"
               "    systemctl enable --now virtstop-guests.service\n");
    assert_ctl(&run, 1,
               "Error: libvirt-guests.service is active: it stops the guests, too, when the host "
               "goes down next\n    Hand the guests over, which stops none of them:\n    ");
    played_units[PLAYED_LIBVIRT_GUESTS].does_at_stop = false; /* done as told */
    doctor_run(&fixture, &other, "--no-pager");
    g_assert_false(ctl_said(&other, "libvirt-guests.service"));
    bus_fixture_tear_down(&fixture);
}

static int
on_plan(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_reply_method_return(call, "s", (const char *)userdata);
}

static int
on_check(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_reply_method_return(call, "aa{sv}", 0);
}

static const sd_bus_vtable planner[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Plan", "a{sv}", "s", on_plan, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Check", "a{sv}", "aa{sv}", on_check, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static int
get_connections(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
    return sd_bus_message_append(reply, "a(sb)", 2, TEST_URI, 1, (const char *)userdata, 0);
}

static const sd_bus_vtable connected[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Plan", "a{sv}", "s", on_plan, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Check", "a{sv}", "aa{sv}", on_check, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Connections", "a(sb)", get_connections, 0, 0),
    SD_BUS_VTABLE_END,
};

/* What doctor comes to where @manager, with @data, is all there is of virtstopd. */
static void
check_manager(const sd_bus_vtable *manager, const char *data, int status, const char *said)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!bus_fixture_set_up_bus(&fixture))
        return;
    bus_fixture_connect_client(&fixture);
    sd_bus_add_object_vtable(fixture.client, NULL, "/org/virtstop1", "org.virtstop1.Manager",
                             manager, (void *)data);
    g_assert_cmpint(sd_bus_request_name(fixture.client, "org.virtstop1", 0), >=, 0);
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, status, said);
    bus_fixture_tear_down(&fixture);
}

/* What doctor comes to where virtstopd is to watch @uri, too. */
static void
check_uri(const char *uri, int status, const char *said)
{
    check_manager(connected, uri, status, said);
}

/* As it is shipped virtstopd has no network. */
static void
test_remote_uri(void)
{
    check_uri("qemu+ssh://root@far/system", 1,
              "Error: libvirt at “qemu+ssh://root@far/system” is on another host, but "
              "virtstopd.service has no network\n");
    check_uri("qemu+tls://far.example/system", 1,
              "/remote.conf /etc/systemd/system/virtstopd.service.d/remote.conf && systemctl "
              "daemon-reload && systemctl restart virtstopd.service\n");
    check_uri("qemu+unix:///system?socket=/run/far", 0, "Not checked: ");
    played_units[PLAYED_VIRTSTOPD].has_private_network = false;
    check_uri("qemu+ssh://root@far/system", 0, "Not checked: ");
}

static void
check_units(int status, const char *said)
{
    BusFixture fixture;
    g_auto(CtlRun) run = {0};

    if (!ctl_fixture_set_up(&fixture))
        return;
    doctor_make_root("etc", "", NULL);
    played_systemd_start(&fixture);
    doctor_run(&fixture, &run, "--no-pager");
    assert_ctl(&run, status, said);
    bus_fixture_tear_down(&fixture);
}

/* Who isn't root reaches libvirt through a unit of root's, so that polkit may be gone. */
static void
test_way(void)
{
    PlayedUnit *way = &played_units[PLAYED_WAY];

    way->load_state = "masked";
    way->state = "inactive";
    check_units(1, "Warning: virtstop-libvirt@libvirt-sock.socket is masked: virtstopd reaches "
                   "libvirt only where polkit lets it, which may be gone as the host goes down\n"
                   "    Have it started, now and with virtstopd\n"
                   "    systemctl unmask virtstop-libvirt@libvirt-sock.socket "
                   "virtstop-libvirt@libvirt-sock.service && systemctl stop "
                   "virtstop-libvirt@libvirt-sock.service && systemctl start "
                   "virtstop-libvirt@libvirt-sock.socket\n");
    way->load_state = NULL;
    way->state = "failed";
    check_units(1, "Warning: virtstop-libvirt@libvirt-sock.socket is failed: ");
    played_units[PLAYED_LIBVIRTD].state = "inactive"; /* nothing is behind it */
    check_units(0, "Nothing is wrong here.\n");
    played_units[PLAYED_LIBVIRTD].state = "active";
    played_units[PLAYED_VIRTSTOPD].user = "root"; /* and needs none */
    check_units(0, "Nothing is wrong here.\n");
}

static void
check_worst(const char *plan, int status, const char *said)
{
    check_manager(planner, plan, status, said);
}

/* The hook asks for more than its stop time-out; not so the targets. */
static void
test_worst_case(void)
{
    check_worst("{\"worst_ms\":1800000}", 0, "Nothing is wrong here.\n");
    check_worst("{\"worst_ms\":1800001}", 1,
                "Warning: JobTimeoutSec= of poweroff.target, reboot.target is 30 min, but stopping "
                "all guests takes at most: 30 min\n");
    check_worst("{\"worst_ms\":1800001}", 1,
                "\n    for u in poweroff.target reboot.target; do mkdir -p "
                "/etc/systemd/system/$u.d && printf '[Unit]\\nJobTimeoutSec=38min\\n' "
                ">/etc/systemd/system/$u.d/zz-job-timeout.conf; done && systemctl "
                "daemon-reload\n");
    check_worst("{\"worst_ms\":null}", 1, "takes at most: no limit\n");
    check_worst("{\"worst_ms\":null}", 1, "JobTimeoutSec=infinity");
    played_units[PLAYED_POWEROFF].job_timeout = PLAYED_NEVER;
    check_worst("{\"worst_ms\":null}", 1, "Warning: JobTimeoutSec= of reboot.target is 30 min, ");
    played_units[PLAYED_REBOOT].job_timeout = PLAYED_NEVER;
    check_worst("{\"worst_ms\":null}", 0, "Nothing is wrong here.\n");
}

static void
test_hook_unheard(void)
{
    static const char *const unheard[] = {"none", "main"};

    for (unsigned i = 0; i < G_N_ELEMENTS(unheard); i++) {
        g_autofree char *said = g_strdup_printf(
            "Warning: virtstop-guests.service has NotifyAccess=%s: it can't ask "
            "systemd for more than its TimeoutStopSec=, 1 min 30 s, but stopping all "
            "guests takes at most: 2 min\n",
            unheard[i]);
        played_units[PLAYED_HOOK].notify_access = unheard[i];
        check_worst("{\"worst_ms\":120000}", 1, said);
        check_worst("{\"worst_ms\":120000}", 1,
                    "\n    mkdir -p /etc/systemd/system/virtstop-guests.service.d && printf "
                    "'[Service]\\nNotifyAccess=all\\n' "
                    ">/etc/systemd/system/virtstop-guests.service.d/zz-notify-access.conf && "
                    "systemctl daemon-reload\n");
        check_worst("{\"worst_ms\":90000}", 0, "Nothing is wrong here.\n");
    }
}

/* Below what the hook needs to be heard for the first time. */
static void
test_hook_dies_early(void)
{
    played_units[PLAYED_HOOK].stop_timeout = PLAYED_SECONDS(14);
    check_worst(
        "{\"worst_ms\":60000}", 1,
        "Warning: TimeoutStopSec= of virtstop-guests.service is 14 s: it may be over before "
        "systemd is asked for more time\n");
    check_worst("{\"worst_ms\":14000}", 0, "Nothing is wrong here.\n");
    played_units[PLAYED_HOOK].stop_timeout = PLAYED_SECONDS(15);
    check_worst("{\"worst_ms\":60000}", 0, "Nothing is wrong here.\n");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    doctor_add("/ctl/doctor-host/host", test_host);
    doctor_add("/ctl/doctor-host/until-next-boot", test_until_next_boot);
    doctor_add("/ctl/doctor-host/session", test_session);
    doctor_add("/ctl/doctor-host/session-of-no-file", test_session_of_no_file);
    doctor_add("/ctl/doctor-host/remote-uri", test_remote_uri);
    doctor_add("/ctl/doctor-host/way", test_way);
    doctor_add("/ctl/doctor-host/worst-case", test_worst_case);
    doctor_add("/ctl/doctor-host/hook-unheard", test_hook_unheard);
    doctor_add("/ctl/doctor-host/hook-dies-early", test_hook_dies_early);
    return g_test_run();
}

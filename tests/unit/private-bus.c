/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "private-bus.h"

#include <glib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vs-test.h"

struct VsPrivateBus {
    const char *dir;
    char *config;
    pid_t pid; /* 0: it doesn't run */
};

/* As the system.conf that comes with dbus, but that this user may own our name and everybody a
 * logind's, a systemd's and a polkit's. */
static const char rules[] =
    "<busconfig><type>system</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>"
    "<policy context='default'><allow user='*'/><deny own='*'/><deny send_type='method_call'/>"
    "<allow send_type='signal'/><allow send_requested_reply='true' send_type='method_return'/>"
    "<allow send_requested_reply='true' send_type='error'/><allow receive_type='method_call'/>"
    "<allow receive_type='method_return'/><allow receive_type='error'/><allow "
    "receive_type='signal'/>"
    "<allow send_destination='org.freedesktop.DBus'/><allow own='org.freedesktop.login1'/>"
    "<allow send_destination='org.freedesktop.login1'/>"
    "<allow own='org.freedesktop.PolicyKit1'/>"
    "<allow send_destination='org.freedesktop.PolicyKit1'/>"
    "<allow own='org.freedesktop.systemd1'/><allow send_destination='org.freedesktop.systemd1'/>"
    "</policy>"
    "<include>%s/data/org.virtstop1.conf</include>"
    "<policy user='%u'><allow own='org.virtstop1'/></policy></busconfig>";

static void
die_with_parent(gpointer userdata)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void
write_config(VsPrivateBus *bus)
{
    const char *srcdir = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
    g_autofree char *absolute = g_canonicalize_filename(srcdir, NULL);
    g_autofree char *text = g_strdup_printf(rules, bus->dir, absolute, (unsigned)getuid());

    bus->config = vs_test_write(bus->dir, "bus.conf", text);
}

void
vs_private_bus_start(VsPrivateBus *bus)
{
    char *argv[] = {(char *)"dbus-daemon",
                    (char *)"--nofork",
                    (char *)"--nopidfile",
                    (char *)"--print-address=1",
                    (char *)"--config-file",
                    bus->config,
                    NULL};
    g_autoptr(GError) error = NULL;
    char first;
    int out;

    g_spawn_async_with_pipes(bus->dir, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                             die_with_parent, NULL, &bus->pid, NULL, &out, NULL, &error);
    g_assert_no_error(error);
    /* It prints its address when it listens. */
    g_assert_cmpint(read(out, &first, 1), ==, 1);
    close(out);
}

void
vs_private_bus_kill(VsPrivateBus *bus)
{
    g_autofree char *socket = g_build_filename(bus->dir, "bus", NULL);

    if (bus->pid == 0)
        return;
    kill(bus->pid, SIGKILL);
    waitpid(bus->pid, NULL, 0);
    bus->pid = 0;
    unlink(socket);
}

/* A test may be another user, too. */
static void
let_others_in(const char *dir)
{
    g_autofree char *parent = g_path_get_dirname(dir);

    g_assert_cmpint(chmod(parent, 0711), ==, 0);
    g_assert_cmpint(chmod(dir, 0711), ==, 0);
}

VsPrivateBus *
vs_private_bus_new(void)
{
    g_autofree char *program = g_find_program_in_path("dbus-daemon");
    g_autofree char *address = NULL;
    VsPrivateBus *bus;

    if (!program)
        return NULL;
    bus = g_new0(VsPrivateBus, 1);
    bus->dir = vs_test_dir();
    let_others_in(bus->dir);
    write_config(bus);
    address = g_strdup_printf("unix:path=%s/bus", bus->dir);
    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
    vs_private_bus_start(bus);
    return bus;
}

void
vs_private_bus_free(VsPrivateBus *bus)
{
    vs_private_bus_kill(bus);
    g_free(bus->config);
    g_free(bus);
}

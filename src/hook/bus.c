/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/bus.h"

#include "client/units.h"
#include "hook/system.h"
#include "util/i18n.h"
#include "util/span.h"
#include "words/complain.h"

/* A system bus that died while the host goes down stays dead: systemd still listens on its socket,
 * but starts it for nobody any more. One of ours takes the socket's place. */

#define PROGRAM "dbus-daemon"
#define UNIT    "dbus.service"
#define ADDRESS "unix:path=/run/dbus/system_bus_socket"

/* Between two looks. */
#define PAUSE (3 * VS_USEC_PER_SEC)

static bool
is_dead(const VsClient *client, const VsHookSetup *setup)
{
    sd_bus *systemd = vs_hook_open_systemd(client, setup);
    g_auto(VsUnit) unit = {0};
    bool dead = systemd && vs_unit_read(systemd, UNIT, &unit, NULL) && vs_unit_is_down(&unit);

    sd_bus_close_unref(systemd);
    return dead;
}

void
vs_hook_bus_tend(VsHookBus *bus, const VsClient *client, const VsHookSetup *setup)
{
    g_autofree char *path = g_find_program_in_path(PROGRAM);
    const char *const argv[] = {path,          "--system",           "--nofork",
                                "--nopidfile", "--address=" ADDRESS, NULL};
    int64_t now = g_get_monotonic_time();

    if (bus->since == 0) {
        bus->since = now;
        bus->next = now + setup->back;
    }
    if (now < bus->next || vs_hook_child_runs(&bus->child))
        return;
    bus->next = now + PAUSE;
    /* Another bus than the system's is none of our business. */
    if (!path || g_getenv("DBUS_SYSTEM_BUS_ADDRESS") || !is_dead(client, setup))
        return;
    vs_complain("%s", _("The system bus isn't there: one is started to stop the guests."));
    vs_hook_child_run(&bus->child, argv, NULL);
}

void
vs_hook_bus_reached(VsHookBus *bus)
{
    bus->since = 0;
}

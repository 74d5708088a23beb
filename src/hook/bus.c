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

/* Another bus than the usual one is none of our business. */
static bool
is_usual(VsScope scope, const char *usual)
{
    const char *address = g_getenv(vs_scope_info(scope)->bus_variable);

    return !address || g_str_equal(address, usual);
}

static void
run(VsHookBus *bus, VsScope scope, const char *path, const char *address)
{
    g_autofree char *option = g_strconcat("--address=", address, NULL);
    const char *const argv[] = {path,       scope == VS_SCOPE_USER ? "--session" : "--system",
                                "--nofork", "--nopidfile",
                                option,     NULL};

    vs_complain(_("Can't find %s: one is started to stop the guests."),
                _(vs_scope_info(scope)->bus_name));
    vs_hook_child_run(&bus->child, argv, NULL);
}

void
vs_hook_bus_tend(VsHookBus *bus, const VsClient *client, const VsHookSetup *setup)
{
    g_autofree char *path = g_find_program_in_path(PROGRAM);
    g_autofree char *usual = vs_scope_usual_bus(setup->scope);
    int64_t now = g_get_monotonic_time();

    if (bus->since == 0) {
        bus->since = now;
        bus->next = now + setup->back;
    }
    if (now < bus->next || vs_hook_child_runs(&bus->child))
        return;
    bus->next = now + PAUSE;
    if (path && is_usual(setup->scope, usual) && is_dead(client, setup))
        run(bus, setup->scope, path, usual);
}

void
vs_hook_bus_reached(VsHookBus *bus)
{
    bus->since = 0;
}

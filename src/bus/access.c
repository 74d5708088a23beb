/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/access.h"

#include <unistd.h>

#include "bus/gate.h"
#include "util/error.h"
#include "util/i18n.h"

typedef struct VsRule {
    const char *what; /* for the refusal */
    bool (*may)(VsBus *bus, sd_bus_message *message);
} VsRule;

static const VsRule rules[] = {
    [VS_BUS_ACCESS_STOP] = {N_("stop a guest"), vs_bus_gate_is_trusted},
    [VS_BUS_ACCESS_CANCEL] = {N_("call off a stop"), vs_bus_gate_is_trusted},
    [VS_BUS_ACCESS_ESCALATE] = {N_("take a stop to its next step"), vs_bus_gate_is_trusted},
    [VS_BUS_ACCESS_EXTEND] = {N_("give a stop more time"), vs_bus_gate_is_trusted},
    [VS_BUS_ACCESS_RELOAD] = {N_("reload the configuration"), vs_bus_gate_is_trusted},
    [VS_BUS_ACCESS_RESTORE] = {N_("start guests again"), vs_bus_gate_is_trusted},
    [VS_BUS_ACCESS_SET_POLICY] = {N_("change a guest's policy"), vs_bus_gate_is_trusted},
};

bool
vs_bus_access_check(VsBus *bus, sd_bus_message *message, VsBusAccess access, GError **error)
{
    if (rules[access].may(bus, message))
        return true;

    /* TRANSLATORS: what isn't allowed, such as "stop a guest", and the daemon's uid. */
    g_set_error(error, VS_ERROR, VS_ERROR_ACCESS,
                _("You may not %s: only root and the user that virtstopd runs as (uid %u) may"),
                _(rules[access].what), (unsigned)geteuid());
    return false;
}

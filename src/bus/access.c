/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/access.h"

#include <unistd.h>

#include "bus/gate.h"
#include "util/error.h"
#include "util/i18n.h"

/* The bus knows the uid from the socket. Nothing here may come from /proc: there, a pid that was
 * used again would speak for somebody else. */
static bool
is_trusted(const VsBusCaller *caller)
{
    return caller && caller->user->trusted;
}

typedef struct VsRule {
    const char *what; /* for the refusal */
    bool (*may)(const VsBusCaller *caller);
} VsRule;

static const VsRule rules[] = {
    [VS_BUS_ACCESS_STOP] = {N_("stop a guest"), is_trusted},
    [VS_BUS_ACCESS_CANCEL] = {N_("call off a stop"), is_trusted},
    [VS_BUS_ACCESS_ESCALATE] = {N_("take a stop to its next step"), is_trusted},
    [VS_BUS_ACCESS_EXTEND] = {N_("give a stop more time"), is_trusted},
    [VS_BUS_ACCESS_RELOAD] = {N_("reload the configuration"), is_trusted},
    [VS_BUS_ACCESS_RESTORE] = {N_("start guests again"), is_trusted},
};

bool
vs_bus_access_check(VsBus *bus, sd_bus_message *message, VsBusAccess access, GError **error)
{
    if (rules[access].may(vs_bus_gate_caller(bus, message)))
        return true;

    /* TRANSLATORS: what isn't allowed, such as "stop a guest", and the daemon's uid. */
    g_set_error(error, VS_ERROR, VS_ERROR_ACCESS,
                _("You may not %s: only root and the user that virtstopd runs as (uid %u) may"),
                _(rules[access].what), (unsigned)geteuid());
    return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guest.h"

#include "core/driver.h"

#include "util/i18n.h"

const char *
vs_guest_why_unknown(const VsGuest *guest)
{
    return guest->run && !guest->reading.known ? guest->reading.why_not : NULL;
}

bool
vs_guest_is_up_since(const VsGuest *guest, uint64_t step)
{
    const VsReading *reading = &guest->reading;

    return guest->description.agent == VS_AGENT_CONNECTED &&
           (reading->agent_told > step || (reading->asked > step && !reading->awaited));
}

bool
vs_guest_can_be_stopped(const VsGuest *guest)
{
    return guest->run && (!vs_run_is_over(guest->run) || guest->stop);
}

const char *
vs_guest_why_not(const VsGuest *guest, VsMethod method)
{
    const VsMethodInfo *info = vs_method_info(method);

    if (!vs_driver_has(vs_driver_of(guest->domain.uri), method))
        return N_("libvirt's driver has no such step");
    if (info->need == VS_NEED_NOTHING ||
        (info->need == VS_NEED_WHOLE &&
         (guest->state == VS_STATE_PAUSED || guest->state == VS_STATE_PMSUSPENDED)))
        return NULL;
    if (guest->state == VS_STATE_PAUSED)
        return N_("the domain is paused");
    if (guest->state == VS_STATE_PMSUSPENDED)
        return N_("the domain is suspended");
    if (guest->state == VS_STATE_CRASHED)
        return N_("the domain has crashed");
    if (info->way == VS_WAY_AGENT && guest->description.agent == VS_AGENT_NONE)
        return N_("no agent channel");
    if (info->way == VS_WAY_AGENT && guest->description.agent == VS_AGENT_DISCONNECTED)
        return N_("the agent isn't connected");
    if (info->way == VS_WAY_ACPI && guest->description.no_acpi)
        return N_("no ACPI");
    return NULL;
}

void
vs_guest_policy(const VsGuest *guest, const VsPolicy *policy, VsGuestPolicy *ret)
{
    vs_labels_resolve(policy, &guest->domain, guest->labels, ret);
}

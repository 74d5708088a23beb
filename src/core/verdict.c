/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/verdict.h"

#include <glib.h>

#include "util/i18n.h"

static const VsCauseInfo causes[VS_N_CAUSES] = {
    [VS_CAUSE_UNKNOWN] =
        {
            .name = "unknown",
            .clean = VS_CLEAN_UNKNOWN,
            .initiator = VS_INITIATOR_UNKNOWN,
            .certain = N_("%s is off, and nothing tells why"),
            .likely = N_("%s is off, and nothing tells why"),
            .phrase = N_("nothing tells why"),
        },
    [VS_CAUSE_GUEST_INITIATED] =
        {
            .name = "guest-initiated",
            .clean = VS_CLEAN_YES,
            .initiator = VS_INITIATOR_GUEST,
            .certain = N_("%s powered itself off, and nobody had asked it to from outside"),
            .likely = N_("%s likely powered itself off, with nobody asking it to from outside"),
            .phrase = N_("it powered itself off"),
        },
    [VS_CAUSE_GUEST_AGENT] =
        {
            .name = "guest-agent",
            .clean = VS_CLEAN_YES,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain = N_("%s powered itself off because virtstopd had asked its guest agent to"),
            .likely =
                N_("%s likely powered itself off because virtstopd had asked its guest agent to"),
            .phrase = N_("it obeyed the guest agent"),
        },
    [VS_CAUSE_POWER_BUTTON] =
        {
            .name = "power-button",
            .clean = VS_CLEAN_YES,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain = N_("%s powered itself off because its power button was pressed"),
            .likely = N_("%s likely powered itself off because its power button was pressed"),
            .phrase = N_("it obeyed the power button"),
        },
    [VS_CAUSE_GUEST_REQUEST] =
        {
            .name = "guest-request",
            .clean = VS_CLEAN_YES,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain = N_("%s powered itself off because virtstopd had asked it to"),
            .likely = N_("%s likely powered itself off because virtstopd had asked it to"),
            .phrase = N_("it obeyed virtstopd's request"),
        },
    [VS_CAUSE_GUEST_REBOOT] =
        {
            .name = "guest-reboot",
            .clean = VS_CLEAN_YES,
            .initiator = VS_INITIATOR_GUEST,
            .certain = N_("%s rebooted, and was ended instead of starting again"),
            .likely = N_("%s likely rebooted, and was ended instead of starting again"),
            .phrase = N_("it rebooted, and was ended then"),
        },
    [VS_CAUSE_HOST_SIGNAL] =
        {
            .name = "host-signal",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_OPERATOR,
            .phrase = N_("a signal from the host ended it"),
        },
    [VS_CAUSE_MONITOR_QUIT] =
        {
            .name = "monitor-quit",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain =
                N_("Somebody ended the hypervisor process of %s by the monitor command “quit”"),
            .likely = N_(
                "Somebody likely ended the hypervisor process of %s by the monitor command “quit”"),
            .phrase = N_("the monitor command “quit” ended it"),
        },
    [VS_CAUSE_DESTROYED] =
        {
            .name = "destroyed",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain = N_("%s was destroyed through libvirt by somebody else, not by virtstopd"),
            .likely =
                N_("%s was likely destroyed through libvirt by somebody else, not by virtstopd"),
            .phrase = N_("it was destroyed"),
        },
    [VS_CAUSE_GUEST_PANIC] =
        {
            .name = "guest-panic",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_GUEST,
            .certain = N_("The kernel of %s panicked, and the on_crash setting ended the guest"),
            .likely =
                N_("The kernel of %s likely panicked, and the on_crash setting ended the guest"),
            .phrase = N_("its kernel panicked"),
        },
    [VS_CAUSE_WATCHDOG] =
        {
            .name = "watchdog",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_GUEST,
            .certain = N_("The watchdog of %s fired, and its action ended the guest"),
            .likely = N_("The watchdog of %s likely fired, and its action ended the guest"),
            .phrase = N_("its watchdog ended it"),
        },
    [VS_CAUSE_CRASHED] =
        {
            .name = "crashed",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_PLATFORM,
            .certain = N_("The hypervisor process of %s died of itself"),
            .likely = N_("The hypervisor process of %s likely died of itself; from here, a SIGKILL "
                         "looks the "
                         "same"),
            .phrase = N_("its hypervisor process died"),
        },
    [VS_CAUSE_OUT_OF_MEMORY] =
        {
            .name = "out-of-memory",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_PLATFORM,
            .certain = N_("The host's kernel killed the hypervisor process of %s for want of "
                          "memory"),
            .likely = N_("The host's kernel likely killed the hypervisor process of %s for want "
                         "of memory"),
            .phrase = N_("the host's kernel killed it for want of memory"),
        },
    [VS_CAUSE_SAVED] =
        {
            .name = "saved",
            .clean = VS_CLEAN_YES,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain = N_("%s was saved to disk as it ran"),
            .likely = N_("%s was likely saved to disk as it ran"),
            .phrase = N_("it was saved to disk"),
        },
    [VS_CAUSE_MIGRATED] =
        {
            .name = "migrated",
            .clean = VS_CLEAN_YES,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain = N_("%s was migrated away, and runs on elsewhere"),
            .likely = N_("%s was likely migrated away, and runs on elsewhere"),
            .phrase = N_("it was migrated away"),
        },
    [VS_CAUSE_START_FAILED] =
        {
            .name = "start-failed",
            .clean = VS_CLEAN_UNKNOWN,
            .initiator = VS_INITIATOR_UNKNOWN,
            .certain = N_("%s failed to start"),
            .likely = N_("%s likely failed to start"),
            .phrase = N_("it failed to start"),
        },
    [VS_CAUSE_SNAPSHOT_REVERTED] =
        {
            .name = "snapshot-reverted",
            .clean = VS_CLEAN_UNKNOWN,
            .initiator = VS_INITIATOR_OPERATOR,
            .certain = N_("%s was reverted to a snapshot"),
            .likely = N_("%s was likely reverted to a snapshot"),
            .phrase = N_("it was reverted to a snapshot"),
        },
    [VS_CAUSE_HOST_FAILURE] =
        {
            .name = "host-failure",
            .clean = VS_CLEAN_NO,
            .initiator = VS_INITIATOR_PLATFORM,
            .certain = N_("The host itself failed while %s ran on it"),
            .likely = N_("The host itself likely failed while %s ran on it"),
            .phrase = N_("the host itself failed"),
        },
};

static const char *const initiators[] = {
    [VS_INITIATOR_UNKNOWN] = "unknown",
    [VS_INITIATOR_GUEST] = "guest",
    [VS_INITIATOR_OPERATOR] = "operator",
    [VS_INITIATOR_PLATFORM] = "platform",
};

static const char *const confidences[] = {
    [VS_CONFIDENCE_UNKNOWN] = "unknown",
    [VS_CONFIDENCE_LIKELY] = "likely",
    [VS_CONFIDENCE_CERTAIN] = "certain",
};

const VsCauseInfo *
vs_cause_info(VsCause cause)
{
    g_assert(cause < VS_N_CAUSES);
    return &causes[cause];
}

const char *
vs_cause_name(VsCause cause)
{
    return causes[cause].name;
}

VsClean
vs_cause_clean(VsCause cause)
{
    return causes[cause].clean;
}

bool
vs_cause_parse(const char *name, VsCause *ret)
{
    for (VsCause i = 0; i < VS_N_CAUSES; i++) {
        if (g_str_equal(causes[i].name, name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

const char *
vs_confidence_name(VsConfidence confidence)
{
    return confidences[confidence];
}

const char *
vs_initiator_name(VsInitiator initiator)
{
    return initiators[initiator];
}

void
vs_verdict_clear(VsVerdict *verdict)
{
    g_clear_pointer(&verdict->killer_comm, g_free);
}

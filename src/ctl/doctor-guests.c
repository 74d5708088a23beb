/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ladder.h"
#include "ctl/doctor.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/when.h"

static bool
is_agent(const VsDomainObject *domain, const char *state)
{
    return g_strcmp0(domain->agent, state) == 0;
}

static bool
asks_agent(const VsLadder *ladder)
{
    for (unsigned i = 0; i < ladder->n_steps; i++)
        if (ladder->steps[i].method == VS_METHOD_AGENT)
            return true;
    return false;
}

static void
check_agent(VsFindings *findings, const VsDomainObject *domain, const VsLadder *ladder,
            const char *name)
{
    if (!asks_agent(ladder))
        return;
    if (is_agent(domain, "disconnected"))
        vs_findings_add(findings, VS_FINDING_WARNING, "agent-not-connected", domain->name,
                        g_strdup_printf(_("%s has a channel for the guest agent, but no agent "
                                          "listens there"),
                                        name),
                        g_strdup(_("Install and start qemu-guest-agent in the guest, or take "
                                   "“agent” out of its ladder")));
    else if (is_agent(domain, "none"))
        vs_findings_add(findings, VS_FINDING_HINT, "no-agent-channel", domain->name,
                        g_strdup_printf(_("%s has no channel for a guest agent"), name),
                        g_strdup(_("Add the channel org.qemu.guest_agent.0 (virsh edit), and the "
                                   "agent in the guest: it is the surest way to power off")));
}

/* Its first step that comes to anything. */
static bool
begins_with_button(const VsDomainObject *domain, const VsLadder *ladder)
{
    unsigned i = 0;

    while (i < ladder->n_steps && ladder->steps[i].method == VS_METHOD_AGENT &&
           (is_agent(domain, "none") || is_agent(domain, "disconnected")))
        i++;
    return i < ladder->n_steps && ladder->steps[i].method == VS_METHOD_POWER_BUTTON;
}

/* Whether nothing else than its powering off could spare it a destroy. */
static bool
has_to_power_off(const VsLadder *ladder)
{
    for (unsigned i = 0; i < ladder->n_steps; i++)
        if (ladder->steps[i].method == VS_METHOD_SAVE)
            return false;
    return ladder->steps[0].method == VS_METHOD_AGENT ||
           ladder->steps[0].method == VS_METHOD_POWER_BUTTON;
}

static void
check_xml(VsFindings *findings, const VsDomainObject *domain, const VsLadder *ladder,
          const char *name)
{
    if (!domain->acpi && begins_with_button(domain, ladder))
        vs_findings_add(findings, VS_FINDING_ERROR, "no-acpi", domain->name,
                        g_strdup_printf(_("%s is to go down by the power button first, but has no "
                                          "ACPI: it won't notice"),
                                        name),
                        g_strdup(_("Add <features><acpi/></features> (virsh edit) and start it "
                                   "anew, or give it a guest agent")));
    if (has_to_power_off(ladder) && (g_strcmp0(domain->on_poweroff, "restart") == 0 ||
                                     g_strcmp0(domain->on_poweroff, "rename-restart") == 0))
        vs_findings_add(findings, VS_FINDING_ERROR, "on-poweroff-restart", domain->name,
                        g_strdup_printf(_("%s starts again when it powers off (on_poweroff=%s): it "
                                          "can only be cut off"),
                                        name, domain->on_poweroff),
                        g_strdup(_("Set <on_poweroff>destroy</on_poweroff> (virsh edit), and start "
                                   "it anew")));
}

/* A budget that is longer than the ladder is no limit for this guest. */
static void
check_budget(VsFindings *findings, const VsDomainObject *domain, const VsLadder *ladder,
             int64_t longest, int64_t budget, const char *name)
{
    int64_t given = budget - (vs_ladder_forces(ladder) ? VS_DESTROY_RESERVE : 0);
    g_autofree char *took = NULL, *has = NULL;

    if (budget >= vs_ladder_total(ladder) || longest <= given)
        return;
    took = vs_when_span(longest);
    has = vs_span_format(budget, false);
    vs_findings_add(findings, VS_FINDING_WARNING, "budget-too-short", domain->name,
                    g_strdup_printf(_("%s once took %s to come down, but all guests together have "
                                      "%s, of which a destroy's own time is kept back"),
                                    name, took, has),
                    g_strdup(_("Give them more time (Budget= in virtstop.conf)")));
}

static void
check_longest(VsFindings *findings, const VsDomainObject *domain, const VsLadder *ladder,
              int64_t longest, const char *name)
{
    int64_t given = vs_ladder_asking(ladder);
    g_autofree char *took = NULL, *has = NULL;

    if (given == 0 || longest <= given) /* 0: nobody means to ask it */
        return;
    took = vs_when_span(longest);
    has = vs_span_format(given, false);
    vs_findings_add(findings, VS_FINDING_WARNING, "deadline-too-short", domain->name,
                    g_strdup_printf(_("%s once took %s to come down, but its ladder gives it %s"),
                                    name, took, has),
                    g_strdup(_("Give its steps more time (Ladder= in virtstop.conf)")));
}

void
vs_doctor_check_guest(VsFindings *findings, const VsDomainObject *domain, int64_t longest,
                      int64_t budget)
{
    g_autofree char *name = vs_text_quoted(domain->name);
    VsLadder ladder;

    if (!vs_ladder_parse(domain->ladder ? domain->ladder : "", &ladder, NULL)) {
        vs_findings_add(findings, VS_FINDING_UNCHECKED, "ladder", domain->name,
                        g_strdup_printf(_("The ladder of %s: it can't be read"), name), NULL);
        return;
    }
    check_agent(findings, domain, &ladder, name);
    check_xml(findings, domain, &ladder, name);
    check_longest(findings, domain, &ladder, longest, name);
    check_budget(findings, domain, &ladder, longest, budget, name);
}

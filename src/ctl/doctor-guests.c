/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-guests.h"

#include "ctl/doctor-paste.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/when.h"

/* What is wrong, with @name (the guest's, or a URI; quoted), and what to do about it. */
typedef struct Words {
    char *(*what)(const VsFinding *finding, const char *name);
    const char *todo;    /* N_(), with a %s for systemctl at most; NULL: nothing */
    VsFindingsMany many; /* of several guests; NULL: each stands by itself */
} Words;

static char *
no_connection(const VsFinding *finding, const char *name)
{
    return g_strdup_printf(_("virtstopd has no connection to libvirt at %s: as long as that lasts, "
                             "it can stop no guest there"),
                           name);
}

static char *
agent_away(const VsFinding *finding, const char *name)
{
    return g_strdup_printf(_("%s has a channel for the guest agent, but no agent listens there"),
                           name);
}

static char *
no_channel(const VsFinding *finding, const char *name)
{
    return g_strdup_printf(_("%s has no channel for a guest agent"), name);
}

static char *
step_not_there(const VsFinding *finding, const char *name)
{
    g_autofree char *step = vs_text_quoted(finding->message);

    return g_strdup_printf(_("%s is to be stopped by the step %s, which libvirt's driver at %s "
                             "doesn't have: it is passed over"),
                           name, step, finding->domain.uri);
}

static char *
no_acpi(const VsFinding *finding, const char *name)
{
    return g_strdup_printf(_("%s is to go down by the power button first, but has no ACPI: it "
                             "won't notice"),
                           name);
}

static char *
restarts(const VsFinding *finding, const char *name)
{
    return g_strdup_printf(
        _("%s starts again when it powers off (on_poweroff=%s): a stop has to end "
          "it as soon as its system is down"),
        name, vs_on_poweroff_name(finding->on_poweroff));
}

static char *
deadline_short(const VsFinding *finding, const char *name)
{
    g_autofree char *took = vs_span_say(finding->took);
    g_autofree char *has = vs_span_say(finding->given);

    return g_strdup_printf(_("%s once took %s to come down, but its ladder gives it %s"), name,
                           took, has);
}

static char *
budget_short(const VsFinding *finding, const char *name)
{
    g_autofree char *took = vs_span_say(finding->took);
    g_autofree char *has = vs_span_say(finding->given);

    return g_strdup_printf(_("%s once took %s to come down, but all guests together have %s, of "
                             "which a destroy's own time is kept back"),
                           name, took, has);
}

static char *
cut_short(const VsFinding *finding, const char *name)
{
    g_autofree char *took = vs_span_say(finding->took);
    g_autofree char *has = vs_span_say(finding->given);

    return g_strdup_printf(_("In a stop of all guests, as it is planned, %s is cut short: it takes "
                             "%s, and all of them together have %s"),
                           name, took, has);
}

static char *
not_described(const VsFinding *finding, const char *name)
{
    return g_strdup_printf(_("libvirt doesn't tell the XML of %s: whether it has an agent and ACPI "
                             "isn't known, and is tried when it is stopped"),
                           name);
}

static char *
owned(const VsFinding *finding, const char *name)
{
    g_autofree char *owner = vs_text_printable(finding->message);

    return g_strdup_printf(
        _("%s is managed by %s: Restart= and restore leave it alone, and so does "
          "the early start when the host goes down"),
        name, owner);
}

static char *
owners(const VsFinding *finding, const char *name)
{
    g_autofree char *all = vs_text_printable(finding->message);

    return g_strdup_printf(_("Guests of this host are managed by several that stop guests when the "
                             "host goes down, and know nothing of each other: %s"),
                           all);
}

static char *
bad_policy(const VsFinding *finding, const char *name)
{
    g_autofree char *why = vs_text_printable(finding->message);

    return g_strdup_printf(_("The policy in the metadata of %s is wrong: %s"), name, why);
}

static char *
hook_refused(const VsFinding *finding, const char *name)
{
    g_autofree char *why = vs_text_printable(finding->message);

    return g_strdup_printf(_("A program in hooks.d is not run: %s"), why);
}

static char *
hook_unread(const VsFinding *finding, const char *name)
{
    g_autofree char *path = vs_text_quoted(finding->message);

    return g_strdup_printf(_("%s came or went since virtstopd looked for hooks"), path);
}

static char *
no_records(const VsFinding *finding, const char *name)
{
    g_autofree char *why = vs_text_printable(finding->message);

    return g_strdup_printf(_("How long the guests took before: %s"), why);
}

static char *
many_agents_away(unsigned n, const char *names)
{
    return g_strdup_printf(
        ngettext("%u guest has a channel for the guest agent, but no agent listens there: %s",
                 "%u guests have a channel for the guest agent, but no agent listens there: %s", n),
        n, names);
}

static char *
many_without_channel(unsigned n, const char *names)
{
    return g_strdup_printf(ngettext("%u guest has no channel for a guest agent: %s",
                                    "%u guests have no channel for a guest agent: %s", n),
                           n, names);
}

static char *
many_without_acpi(unsigned n, const char *names)
{
    return g_strdup_printf(
        ngettext("%u guest is to go down by the power button first, but has no ACPI: %s",
                 "%u guests are to go down by the power button first, but have no ACPI: %s", n),
        n, names);
}

static char *
many_not_described(unsigned n, const char *names)
{
    return g_strdup_printf(ngettext("libvirt doesn't tell the XML of %u guest: %s",
                                    "libvirt doesn't tell the XML of %u guests: %s", n),
                           n, names);
}

static const Words words[VS_N_FINDING_KINDS] = {
    [VS_FINDING_NOT_CONNECTED] = {no_connection,
                                  N_("Is libvirt running, and Uris= in virtstop.conf right? "
                                     "%s status virtstopd.service says why")},
    [VS_FINDING_AGENT_NOT_CONNECTED] = {agent_away,
                                        N_("Install and start qemu-guest-agent in the guest, or "
                                           "take “agent” out of its ladder"),
                                        many_agents_away},
    [VS_FINDING_NO_AGENT_CHANNEL] = {no_channel,
                                     N_("Add the channel org.qemu.guest_agent.0 (virsh edit), and "
                                        "the agent in the guest: it is the surest way to power "
                                        "off"),
                                     many_without_channel},
    [VS_FINDING_STEP_NOT_THERE] = {step_not_there,
                                   N_("Give it a ladder that fits its driver (Ladder= in "
                                      "virtstop.conf; virtstop.conf(5) has a table), or none")},
    [VS_FINDING_NO_ACPI] = {no_acpi,
                            N_("Add <features><acpi/></features> (virsh edit) and start "
                               "it anew, or give it a guest agent"),
                            many_without_acpi},
    [VS_FINDING_ON_POWEROFF] = {restarts, N_("Set <on_poweroff>destroy</on_poweroff> (virsh edit), "
                                             "and start it anew")},
    [VS_FINDING_DEADLINE_TOO_SHORT] = {deadline_short,
                                       N_("Give its steps more time (Ladder= in virtstop.conf)")},
    [VS_FINDING_BUDGET_TOO_SHORT] = {budget_short,
                                     N_("Give them more time (Budget= in virtstop.conf)")},
    [VS_FINDING_CUT_SHORT] = {cut_short,
                              N_("Give them more time (Budget= in virtstop.conf), or another "
                                 "order; virtstopctl plan tells how long would do")},
    [VS_FINDING_NOT_DESCRIBED] = {not_described,
                                  N_("Does its QEMU still answer (virsh qemu-monitor-command "
                                     "--hmp DOMAIN info status), or does a long job hold it?"),
                                  many_not_described},
    [VS_FINDING_OWNED] = {owned, N_("Where that isn't so, say Owner=none in a [Guest] section")},
    [VS_FINDING_OWNERS] = {owners,
                           N_("Let one of them have this host to itself; where one is found "
                              "wrongly, say Owner= in a [Guest] section")},
    [VS_FINDING_POLICY] = {bad_policy,
                           N_("virtstopctl edit-policy DOMAIN; until then its last good "
                              "policy holds")},
    [VS_FINDING_HOOK] =
        {hook_refused, N_("Allowed: a file and a directory of root's or of virtstopd's user, that "
                          "nobody else may write, the file executable (chown root, chmod 755). "
                          "One that is not to run is removed, or its name ends in ~; then "
                          "%s reload virtstopd")},
    [VS_FINDING_HOOK_UNREAD] = {hook_unread, N_("%s reload virtstopd")},
    [VS_FINDING_RECORDS] = {no_records, NULL},
};

static char *
what_to_do(const Words *its, VsScope scope)
{
    return its->todo ? g_strdup_printf(_(its->todo), vs_scope_info(scope)->systemctl) : NULL;
}

void
vs_doctor_tell(VsFindings *findings, const VsCtl *ctl, const VsFinding *finding)
{
    const char *domain = finding->domain.name;
    g_autofree char *name = vs_text_quoted(domain ? domain : finding->domain.uri);
    const Words *its = &words[finding->kind];

    vs_findings_add(findings, vs_finding_level(finding->kind), vs_finding_kind_name(finding->kind),
                    domain, its->what(finding, name), what_to_do(its, ctl->client.scope));
    vs_findings_paste(findings, vs_doctor_paste(ctl, finding));
    if (its->many)
        vs_findings_group(findings, its->many);
}

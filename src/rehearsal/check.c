/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/check.h"

#include "core/driver.h"
#include "rehearsal/shortage.h"
#include "util/span.h"

/* One guest, by what is known of it. */
typedef struct Check {
    const VsDomainInfo *info;
    VsLadder ladder;
    int64_t longest; /* µs: what it needed at most; 0: that isn't known */
    int64_t budget;  /* µs: what all guests have together; VS_USEC_INFINITY: it takes no part */
    int64_t cut;     /* µs: what it takes that the plan of all cuts short; 0: it doesn't */
    GPtrArray *findings;
} Check;

static VsFinding *
add(const Check *check, VsFindingKind kind)
{
    VsFinding *finding = vs_finding_new(kind, &check->info->domain);

    g_ptr_array_add(check->findings, finding);
    return finding;
}

static bool
has_step(const VsLadder *ladder, VsMethod method)
{
    for (unsigned i = 0; i < ladder->n_steps; i++)
        if (ladder->steps[i].method == method)
            return true;
    return false;
}

static void
check_steps(const Check *check)
{
    const VsDriver *driver = vs_driver_of(check->info->domain.uri);
    const VsStep *step = vs_driver_refuses(driver, &check->ladder);

    if (step)
        add(check, VS_FINDING_STEP_NOT_THERE)->message = g_strdup(vs_method_name(step->method));
}

static void
check_agent(const Check *check)
{
    if (!has_step(&check->ladder, VS_METHOD_AGENT) ||
        !vs_driver_has(vs_driver_of(check->info->domain.uri), VS_METHOD_AGENT))
        return;
    if (check->info->description.agent == VS_AGENT_DISCONNECTED)
        add(check, VS_FINDING_AGENT_NOT_CONNECTED);
    else if (check->info->description.agent == VS_AGENT_NONE)
        add(check, VS_FINDING_NO_AGENT_CHANNEL);
}

/* Its first step that comes to anything. */
static bool
begins_with_button(const Check *check)
{
    const VsLadder *ladder = &check->ladder;
    VsAgentState agent = check->info->description.agent;
    bool no_agent = agent == VS_AGENT_NONE || agent == VS_AGENT_DISCONNECTED;
    unsigned i = 0;

    while (i < ladder->n_steps && ladder->steps[i].method == VS_METHOD_AGENT && no_agent)
        i++;
    return i < ladder->n_steps && ladder->steps[i].method == VS_METHOD_POWER_BUTTON;
}

/* Whether nothing else than its powering off could spare it a destroy. */
static bool
has_to_power_off(const VsLadder *ladder)
{
    return !has_step(ladder, VS_METHOD_SAVE) && (ladder->steps[0].method == VS_METHOD_AGENT ||
                                                 ladder->steps[0].method == VS_METHOD_POWER_BUTTON);
}

static void
check_xml(const Check *check)
{
    VsOnPoweroff action = check->info->description.on_poweroff;

    if (!check->info->described)
        add(check, VS_FINDING_NOT_DESCRIBED);
    if (check->info->description.no_acpi && begins_with_button(check))
        add(check, VS_FINDING_NO_ACPI);
    if (has_to_power_off(&check->ladder) &&
        (action == VS_ON_POWEROFF_RESTART || action == VS_ON_POWEROFF_RENAME_RESTART))
        add(check, VS_FINDING_ON_POWEROFF)->on_poweroff = action;
}

static void
check_labels(const Check *check, const VsLabels *labels)
{
    if (labels && labels->complaint)
        add(check, VS_FINDING_POLICY)->message = g_strdup(labels->complaint);
}

static void
check_longest(const Check *check)
{
    int64_t given = vs_ladder_asking(&check->ladder);
    VsFinding *finding;

    if (given == 0 || check->longest <= given) /* 0: nobody means to ask it */
        return;
    finding = add(check, VS_FINDING_DEADLINE_TOO_SHORT);
    finding->took = check->longest;
    finding->given = given;
}

/* A budget that is longer than the ladder is no limit for one guest alone. */
static bool
is_too_long(const Check *check)
{
    int64_t reserve = vs_ladder_forces(&check->ladder) ? VS_DESTROY_RESERVE : 0;

    return check->budget < vs_ladder_total(&check->ladder) &&
           check->longest > check->budget - reserve;
}

static void
check_budget(const Check *check)
{
    bool alone = is_too_long(check);
    VsFinding *finding;

    if (!alone && check->cut == 0)
        return;
    finding = add(check, alone ? VS_FINDING_BUDGET_TOO_SHORT : VS_FINDING_CUT_SHORT);
    finding->took = alone ? check->longest : check->cut;
    finding->given = check->budget;
}

static void
check_owner(const Check *check, VsOwner owner)
{
    if (owner != VS_OWNER_NONE)
        add(check, VS_FINDING_OWNED)->message = g_strdup(vs_owner_name(owner));
}

/* @owners: a bit each. */
static void
check_owners(unsigned owners, GPtrArray *findings)
{
    g_autoptr(GString) names = g_string_new(NULL);
    unsigned n = 0;
    VsFinding *finding;

    for (int owner = VS_OWNER_NONE + 1; owner < VS_N_OWNERS; owner++)
        if (owners & (1u << owner))
            g_string_append_printf(names, "%s%s", n++ > 0 ? ", " : "", vs_owner_name(owner));
    if (n < 2)
        return;
    finding = vs_finding_new(VS_FINDING_OWNERS, NULL);
    finding->message = g_strdup(names->str);
    g_ptr_array_add(findings, finding);
}

/* As a plan has it: with all of them, in their order. */
static void
find_shortage(VsShortage *shortage, const VsPolicy *policy, const VsPlanGuest *guests,
              unsigned n_guests)
{
    VsPolicy shared;
    VsForecast forecast;

    *shortage = (VsShortage){0};
    if (policy->budget == 0)
        return;
    vs_policy_copy(&shared, policy);
    vs_forecast_make(&forecast, &shared, guests, n_guests, 0, false, VS_PACE_USUAL_AT_BEST);
    vs_shortage_find(shortage, &forecast, &shared, 0, false);
    vs_forecast_clear(&forecast);
    vs_policy_clear(&shared);
}

void
vs_check_guests(const VsPolicy *policy, const VsPlanGuest *guests, unsigned n_guests,
                GPtrArray *findings)
{
    unsigned owners = 0;
    VsShortage shortage;

    find_shortage(&shortage, policy, guests, n_guests);
    for (unsigned i = 0; i < n_guests; i++) {
        const VsDomainInfo *info = &guests[i].info;
        bool takes_part = info->persistent || !policy->persistent_only;
        Check check = {.info = info, .longest = guests[i].past.longest, .findings = findings};
        VsGuestPolicy own;
        VsOwner owner;

        vs_labels_resolve(policy, &info->domain, guests[i].labels, &own);
        check.ladder = own.ladder;
        check.budget = takes_part && policy->budget > 0 ? policy->budget : VS_USEC_INFINITY;
        check.cut = shortage.cut && shortage.cut[i] ? guests[i].past.median : 0;
        check_labels(&check, guests[i].labels);
        check_steps(&check);
        check_agent(&check);
        check_xml(&check);
        check_longest(&check);
        check_budget(&check);
        owner = vs_owner_resolve(own.owner, info->description.owner);
        check_owner(&check, owner);
        owners |= 1u << owner;
    }
    check_owners(owners, findings);
    vs_shortage_clear(&shortage);
}

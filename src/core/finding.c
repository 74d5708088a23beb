/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/finding.h"

#include <glib.h>

static const struct {
    const char *name;
    VsFindingLevel level;
} kinds[VS_N_FINDING_KINDS] = {
    [VS_FINDING_NOT_CONNECTED] = {"not-connected", VS_FINDING_ERROR},
    [VS_FINDING_AGENT_NOT_CONNECTED] = {"agent-not-connected", VS_FINDING_WARNING},
    [VS_FINDING_NO_AGENT_CHANNEL] = {"no-agent-channel", VS_FINDING_HINT},
    [VS_FINDING_STEP_NOT_THERE] = {"step-not-there", VS_FINDING_ERROR},
    [VS_FINDING_NO_ACPI] = {"no-acpi", VS_FINDING_ERROR},
    [VS_FINDING_ON_POWEROFF] = {"on-poweroff-restart", VS_FINDING_ERROR},
    [VS_FINDING_DEADLINE_TOO_SHORT] = {"deadline-too-short", VS_FINDING_WARNING},
    [VS_FINDING_BUDGET_TOO_SHORT] = {"budget-too-short", VS_FINDING_WARNING},
    [VS_FINDING_CUT_SHORT] = {"cut-short", VS_FINDING_WARNING},
    [VS_FINDING_NOT_DESCRIBED] = {"not-described", VS_FINDING_UNCHECKED},
    [VS_FINDING_OWNED] = {"owned", VS_FINDING_HINT},
    [VS_FINDING_OWNERS] = {"owners", VS_FINDING_WARNING},
    [VS_FINDING_POLICY] = {"policy", VS_FINDING_WARNING},
    [VS_FINDING_HOOK] = {"hook", VS_FINDING_WARNING},
    [VS_FINDING_HOOK_UNREAD] = {"hook-unread", VS_FINDING_WARNING},
    [VS_FINDING_RECORDS] = {"records", VS_FINDING_UNCHECKED},
};

static const char *const levels[VS_N_FINDING_LEVELS] = {
    [VS_FINDING_ERROR] = "error",
    [VS_FINDING_WARNING] = "warning",
    [VS_FINDING_HINT] = "hint",
    [VS_FINDING_UNCHECKED] = "not-checked",
};

VsFinding *
vs_finding_new(VsFindingKind kind, const VsDomainId *domain)
{
    VsFinding *finding = g_new0(VsFinding, 1);

    finding->kind = kind;
    finding->domain.id = -1;
    if (domain)
        vs_domain_id_copy(&finding->domain, domain);
    return finding;
}

void
vs_finding_free(VsFinding *finding)
{
    vs_domain_id_clear(&finding->domain);
    g_free(finding->message);
    g_free(finding);
}

VsFindingLevel
vs_finding_level(VsFindingKind kind)
{
    return kinds[kind].level;
}

const char *
vs_finding_kind_name(VsFindingKind kind)
{
    return kinds[kind].name;
}

const char *
vs_finding_level_name(VsFindingLevel level)
{
    return levels[level];
}

bool
vs_finding_kind_parse(const char *name, VsFindingKind *ret)
{
    for (VsFindingKind kind = 0; kind < VS_N_FINDING_KINDS; kind++)
        if (g_str_equal(kinds[kind].name, name)) {
            *ret = kind;
            return true;
        }
    return false;
}

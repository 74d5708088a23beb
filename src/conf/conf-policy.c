/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-policy.h"

#include <string.h>

#include "conf/conf-value.h"

#define MAX_PRIORITY 1000000

static bool
parse_ladder(VsGuestPolicy *policy, const char *value, GError **error)
{
    return vs_ladder_parse(value, &policy->ladder, error);
}

static bool
parse_paused(VsGuestPolicy *policy, const char *value, GError **error)
{
    return vs_conf_value_either(value, "resume", "leave", &policy->resume_paused, error);
}

static bool
parse_priority(VsGuestPolicy *policy, const char *value, GError **error)
{
    return vs_conf_value_number(value, -MAX_PRIORITY, MAX_PRIORITY, &policy->priority, error);
}

static bool
parse_on_boot(VsGuestPolicy *policy, const char *value, GError **error)
{
    bool start;

    if (!vs_conf_value_either(value, "start", "ignore", &start, error))
        return false;
    policy->on_boot = start ? VS_ON_BOOT_START : VS_ON_BOOT_IGNORE;
    return true;
}

static const VsConfPolicyKey keys[] = {
    {"Ladder", VS_POLICY_LADDER, parse_ladder, VS_LADDER_DEFAULT},
    {"Paused", VS_POLICY_PAUSED, parse_paused, "resume"},
    {"Priority", VS_POLICY_PRIORITY, parse_priority, "0"},
    {"OnBoot", VS_POLICY_ON_BOOT, parse_on_boot, "start"},
    {"Retries", 0, NULL, NULL},
};

const VsConfPolicyKey *
vs_conf_policy_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

VsConfKnown
vs_conf_policy_knows(const char *name)
{
    const VsConfPolicyKey *key = vs_conf_policy_find(name);

    if (!key)
        return VS_CONF_UNKNOWN;
    return key->parse ? VS_CONF_KNOWN : VS_CONF_LATER;
}

void
vs_conf_policy_reset(VsGuestPolicy *policy)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        bool ok = !keys[i].parse || keys[i].parse(policy, keys[i].fallback, NULL);

        g_assert(ok);
    }
}

bool
vs_conf_policy_set(VsGuestPolicy *policy, const char *name, const char *value, GError **error)
{
    const VsConfPolicyKey *key = vs_conf_policy_find(name);

    return key->parse(policy, *value ? value : key->fallback, error);
}

void
vs_conf_policy_append(GString *text, const VsGuestPolicy *policy, unsigned says)
{
    if (says & VS_POLICY_LADDER) {
        g_autofree char *ladder = vs_ladder_format(&policy->ladder);

        g_string_append_printf(text, "Ladder=%s\n", ladder);
    }
    if (says & VS_POLICY_PAUSED)
        g_string_append_printf(text, "Paused=%s\n", policy->resume_paused ? "resume" : "leave");
    if (says & VS_POLICY_PRIORITY)
        g_string_append_printf(text, "Priority=%d\n", policy->priority);
    if (says & VS_POLICY_ON_BOOT)
        g_string_append_printf(text, "OnBoot=%s\n",
                               policy->on_boot == VS_ON_BOOT_START ? "start" : "ignore");
}

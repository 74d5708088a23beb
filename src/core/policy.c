/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/policy.h"

VsSection *
vs_section_new(const char *glob, const char *where)
{
    VsSection *section = g_new0(VsSection, 1);

    section->glob = g_strdup(glob);
    section->where = g_strdup(where);
    section->groups = g_new0(char *, 1);
    section->before = g_new0(char *, 1);
    section->after = g_new0(char *, 1);
    return section;
}

void
vs_section_free(VsSection *section)
{
    g_free(section->glob);
    g_free(section->where);
    g_strfreev(section->groups);
    g_strfreev(section->before);
    g_strfreev(section->after);
    g_free(section);
}

static void
free_section(void *data)
{
    vs_section_free(data);
}

void
vs_policy_init(VsPolicy *policy)
{
    bool ok;

    *policy = (VsPolicy){0};
    ok = vs_ladder_parse(VS_LADDER_DEFAULT, &policy->all.ladder, NULL);
    g_assert(ok);
    policy->all.resume_paused = true;
    policy->sections = g_ptr_array_new_with_free_func(free_section);
}

void
vs_policy_copy(VsPolicy *to, const VsPolicy *from)
{
    *to = *from;
    g_ptr_array_ref(to->sections);
}

void
vs_policy_clear(VsPolicy *policy)
{
    g_clear_pointer(&policy->sections, g_ptr_array_unref);
}

bool
vs_section_matches(const VsSection *section, const char *name)
{
    return g_pattern_match_simple(section->glob, name);
}

static void
overlay(VsGuestPolicy *policy, const VsSection *section)
{
    if (section->says & VS_POLICY_LADDER)
        policy->ladder = section->policy.ladder;
    if (section->says & VS_POLICY_PAUSED)
        policy->resume_paused = section->policy.resume_paused;
    if (section->says & VS_POLICY_PRIORITY)
        policy->priority = section->policy.priority;
    if (section->says & VS_POLICY_ON_BOOT)
        policy->on_boot = section->policy.on_boot;
}

void
vs_policy_resolve(const VsPolicy *policy, const char *name, VsGuestPolicy *ret)
{
    *ret = policy->all;
    for (unsigned i = 0; i < policy->sections->len; i++) {
        const VsSection *section = policy->sections->pdata[i];

        if (vs_section_matches(section, name))
            overlay(ret, section);
    }
}

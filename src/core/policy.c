/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/policy.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "core/driver.h"

VsSection *
vs_section_new(const char *glob, const char *where)
{
    VsSection *section = g_new0(VsSection, 1);

    section->glob = g_strdup(glob);
    if (strpbrk(glob, "*?"))
        section->pattern = g_pattern_spec_new(glob);
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
    g_clear_pointer(&section->pattern, g_pattern_spec_free);
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
    *policy = (VsPolicy){0};
    policy->all.retries = VS_RETRIES_DEFAULT;
    policy->all.progress_grace = VS_PROGRESS_GRACE_DEFAULT;
    policy->all.start_limit_burst = VS_START_LIMIT_BURST_DEFAULT;
    policy->all.start_limit_interval = VS_START_LIMIT_INTERVAL_DEFAULT;
    policy->sections = g_ptr_array_new_with_free_func(free_section);
}

struct VsPolicyIndex {
    GHashTable *names; /* name -> GArray of the numbers of its sections, ascending */
    GArray *globs;     /* the numbers of those with wildcards, ascending */
};

static void
clear_index(void *data)
{
    VsPolicyIndex *index = data;

    g_hash_table_unref(index->names);
    g_array_unref(index->globs);
}

static void
free_numbers(void *data)
{
    g_array_unref(data);
}

static VsPolicyIndex *
make_index(const GPtrArray *sections)
{
    VsPolicyIndex *index = g_atomic_rc_box_new0(VsPolicyIndex);

    index->names = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_numbers);
    index->globs = g_array_new(FALSE, FALSE, sizeof(unsigned));
    for (unsigned i = 0; i < sections->len; i++) {
        const VsSection *section = sections->pdata[i];
        GArray *numbers = index->globs;

        if (!section->pattern && !(numbers = g_hash_table_lookup(index->names, section->glob))) {
            numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
            g_hash_table_insert(index->names, section->glob, numbers);
        }
        g_array_append_val(numbers, i);
    }
    return index;
}

void
vs_policy_copy(VsPolicy *to, const VsPolicy *from)
{
    *to = *from;
    g_ptr_array_ref(to->sections);
    to->index = from->index ? g_atomic_rc_box_acquire(from->index) : make_index(from->sections);
}

void
vs_policy_clear(VsPolicy *policy)
{
    if (policy->index)
        g_atomic_rc_box_release_full(policy->index, clear_index);
    policy->index = NULL;
    g_clear_pointer(&policy->sections, g_ptr_array_unref);
}

bool
vs_section_matches(const VsSection *section, const char *name)
{
    if (!section->pattern)
        return g_str_equal(section->glob, name);
    return g_pattern_match_string(section->pattern, name);
}

#define MEMBER(key, member)                                                                        \
    {                                                                                              \
        key, offsetof(VsGuestPolicy, member), sizeof(((VsGuestPolicy *)NULL)->member)              \
    }

static const struct {
    VsPolicyKey key;
    size_t offset, size;
} members[] = {
    MEMBER(VS_POLICY_LADDER, ladder),
    MEMBER(VS_POLICY_PAUSED, paused),
    MEMBER(VS_POLICY_ASLEEP, asleep),
    MEMBER(VS_POLICY_JOBS, jobs),
    MEMBER(VS_POLICY_RETRIES, retries),
    MEMBER(VS_POLICY_PROGRESS_GRACE, progress_grace),
    MEMBER(VS_POLICY_PRIORITY, priority),
    MEMBER(VS_POLICY_ON_BOOT, on_boot),
    MEMBER(VS_POLICY_RESTART, restart),
    MEMBER(VS_POLICY_START_LIMIT_BURST, start_limit_burst),
    MEMBER(VS_POLICY_START_LIMIT_INTERVAL, start_limit_interval),
    MEMBER(VS_POLICY_OWNER, owner),
};

static void
overlay(VsGuestPolicy *policy, const VsSection *section)
{
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (section->says & members[i].key)
            memcpy((char *)policy + members[i].offset,
                   (const char *)&section->policy + members[i].offset, members[i].size);
}

/* The sections that are about @name, in their order. */
static void
overlay_indexed(const VsPolicy *policy, const char *name, VsGuestPolicy *ret)
{
    const GArray *globs = policy->index->globs;
    const GArray *names = g_hash_table_lookup(policy->index->names, name);
    unsigned g = 0, n = 0, n_names = names ? names->len : 0;

    while (g < globs->len || n < n_names) {
        unsigned glob = g < globs->len ? g_array_index(globs, unsigned, g) : UINT_MAX;
        unsigned own = n < n_names ? g_array_index(names, unsigned, n) : UINT_MAX;
        const VsSection *section = policy->sections->pdata[MIN(glob, own)];

        if (own < glob)
            n++;
        else
            g++;
        if (own < glob || vs_section_matches(section, name))
            overlay(ret, section);
    }
}

static void
overlay_all(const VsPolicy *policy, const char *name, VsGuestPolicy *ret)
{
    if (policy->index) {
        overlay_indexed(policy, name, ret);
        return;
    }
    for (unsigned i = 0; i < policy->sections->len; i++) {
        const VsSection *section = policy->sections->pdata[i];

        if (vs_section_matches(section, name))
            overlay(ret, section);
    }
}

void
vs_policy_resolve(const VsPolicy *policy, const VsDomainId *domain, VsGuestPolicy *ret)
{
    *ret = policy->all;
    overlay_all(policy, domain->name, ret);
    if (ret->ladder.n_steps == 0)
        vs_driver_ladder(vs_driver_of(domain->uri), &ret->ladder);
}

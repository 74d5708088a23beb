/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/policy.h"

#include <stddef.h>
#include <string.h>

#include "core/driver.h"

VsSection *
vs_section_new(const char *glob, const char *where)
{
    VsSection *section = g_new0(VsSection, 1);

    section->glob = g_strdup(glob);
    vs_match_init(&section->match, glob);
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
    vs_match_clear(&section->match);
    g_clear_pointer(&section->places, g_hash_table_unref);
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
    policy->all.start_delay = VS_START_DELAY_UNSAID;
    policy->all.start_limit_burst = VS_START_LIMIT_BURST_DEFAULT;
    policy->hook_timeout = VS_HOOK_TIMEOUT_DEFAULT;
    policy->all.start_limit_interval = VS_START_LIMIT_INTERVAL_DEFAULT;
    policy->sections = g_ptr_array_new_with_free_func(free_section);
}

void
vs_policy_note_place(GHashTable **places, const char *key, const char *where)
{
    if (!*places)
        *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (where)
        g_hash_table_replace(*places, g_strdup(key), g_strdup(where));
    else
        g_hash_table_remove(*places, key);
}

const char *
vs_policy_place(GHashTable *places, const char *key)
{
    return places ? g_hash_table_lookup(places, key) : NULL;
}

/* Numbers of sections, all ascending. */
struct VsPolicyIndex {
    GHashTable *words[VS_N_MATCH_KINDS]; /* text -> GArray: those that mean just that */
    GArray *globs;                       /* those with wildcards */
};

static void
clear_index(void *data)
{
    VsPolicyIndex *index = data;

    for (VsMatchKind kind = 0; kind < VS_N_MATCH_KINDS; kind++)
        g_hash_table_unref(index->words[kind]);
    g_array_unref(index->globs);
}

static void
free_numbers(void *data)
{
    g_array_unref(data);
}

static GArray *
numbers_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(unsigned));
}

static GArray *
numbers_of(VsPolicyIndex *index, const VsMatch *match)
{
    GArray *numbers;

    if (match->pattern)
        return index->globs;
    numbers = g_hash_table_lookup(index->words[match->kind], match->text);
    if (!numbers) {
        numbers = numbers_new();
        g_hash_table_insert(index->words[match->kind], match->text, numbers);
    }
    return numbers;
}

static VsPolicyIndex *
make_index(const GPtrArray *sections)
{
    VsPolicyIndex *index = g_atomic_rc_box_new0(VsPolicyIndex);

    for (VsMatchKind kind = 0; kind < VS_N_MATCH_KINDS; kind++)
        index->words[kind] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_numbers);
    index->globs = numbers_new();
    for (unsigned i = 0; i < sections->len; i++) {
        const VsSection *section = sections->pdata[i];

        g_array_append_val(numbers_of(index, &section->match), i);
    }
    return index;
}

void
vs_policy_copy(VsPolicy *to, const VsPolicy *from)
{
    *to = *from;
    g_ptr_array_ref(to->sections);
    if (to->places)
        g_hash_table_ref(to->places);
    if (to->daemon_places)
        g_hash_table_ref(to->daemon_places);
    to->index = from->index ? g_atomic_rc_box_acquire(from->index) : make_index(from->sections);
}

void
vs_policy_clear(VsPolicy *policy)
{
    if (policy->index)
        g_atomic_rc_box_release_full(policy->index, clear_index);
    policy->index = NULL;
    g_clear_pointer(&policy->sections, g_ptr_array_unref);
    g_clear_pointer(&policy->places, g_hash_table_unref);
    g_clear_pointer(&policy->daemon_places, g_hash_table_unref);
}

bool
vs_section_matches(const VsSection *section, const VsWho *who)
{
    return vs_match_who(&section->match, who);
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
    MEMBER(VS_POLICY_START_DELAY, start_delay),
};

static void
overlay(VsGuestPolicy *policy, const VsSection *section)
{
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (section->says & members[i].key)
            memcpy((char *)policy + members[i].offset,
                   (const char *)&section->policy + members[i].offset, members[i].size);
}

static int
compare_numbers(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return x < y ? -1 : x > y;
}

/* Sorts, and leaves each number in once: two tags of a guest may be one section's. */
static void
tidy(GArray *numbers)
{
    unsigned n = 0;

    g_array_sort(numbers, compare_numbers);
    for (unsigned i = 0; i < numbers->len; i++) {
        unsigned number = g_array_index(numbers, unsigned, i);

        if (n == 0 || number != g_array_index(numbers, unsigned, n - 1))
            g_array_index(numbers, unsigned, n++) = number;
    }
    g_array_set_size(numbers, n);
}

static void
add_words(const VsPolicyIndex *index, VsMatchKind kind, const VsWho *who, GArray *numbers)
{
    const char *word;

    for (unsigned i = 0; (word = vs_who_word(who, kind, i)); i++) {
        const GArray *own = g_hash_table_lookup(index->words[kind], word);

        if (own)
            g_array_append_vals(numbers, own->data, own->len);
    }
}

static void
add_globs(const VsPolicy *policy, const VsWho *who, GArray *numbers)
{
    const GArray *globs = policy->index->globs;

    for (unsigned i = 0; i < globs->len; i++) {
        unsigned number = g_array_index(globs, unsigned, i);

        if (vs_section_matches(policy->sections->pdata[number], who))
            g_array_append_val(numbers, number);
    }
}

GArray *
vs_policy_match(const VsPolicy *policy, const VsWho *who)
{
    GArray *numbers = numbers_new();

    if (policy->index) {
        for (VsMatchKind kind = 0; kind < VS_N_MATCH_KINDS; kind++)
            add_words(policy->index, kind, who, numbers);
        add_globs(policy, who, numbers);
        tidy(numbers);
        return numbers;
    }
    for (unsigned i = 0; i < policy->sections->len; i++)
        if (vs_section_matches(policy->sections->pdata[i], who))
            g_array_append_val(numbers, i);
    return numbers;
}

void
vs_policy_of_all(const VsPolicy *policy, VsGuestPolicy *ret)
{
    *ret = policy->all;
    if (ret->start_delay == VS_START_DELAY_UNSAID)
        ret->start_delay = policy->start_delay;
}

void
vs_policy_resolve(const VsPolicy *policy, const VsWho *who, const VsSection *own,
                  VsGuestPolicy *ret)
{
    g_autoptr(GArray) numbers = vs_policy_match(policy, who);

    vs_policy_of_all(policy, ret);
    for (unsigned i = 0; i < numbers->len; i++)
        overlay(ret, policy->sections->pdata[g_array_index(numbers, unsigned, i)]);
    if (own)
        overlay(ret, own);
    if (ret->ladder.n_steps == 0)
        vs_driver_ladder(vs_driver_of(who->uri ? who->uri : ""), &ret->ladder);
}

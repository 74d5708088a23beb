/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/names.h"

#include <stdlib.h>
#include <string.h>

struct VsNames {
    const char *const *sorted;
    unsigned n;
    GHashTable *globs;  /* text -> VsNameSet */
    GHashTable *groups; /* Group= -> VsNameSet */
    GPtrArray *others;  /* of VsNameSet: what vs_names_without() made */
    VsNameSet *nobody;
};

static VsNameSet *
set_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(unsigned));
}

static void
free_set(void *data)
{
    g_array_unref(data);
}

/* The first name that is not before @prefix. */
static unsigned
find_prefix(const VsNames *names, const char *prefix)
{
    unsigned low = 0, high = names->n;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (strcmp(names->sorted[middle], prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static VsNameSet *
match_literal(const VsNames *names, const char *name)
{
    VsNameSet *set = set_new();

    for (unsigned i = find_prefix(names, name); i < names->n && g_str_equal(names->sorted[i], name);
         i++)
        g_array_append_val(set, i);
    return set;
}

static VsNameSet *
match_glob(const VsNames *names, const char *glob)
{
    g_autofree char *prefix = g_strndup(glob, strcspn(glob, "*?"));
    GPatternSpec *spec = g_pattern_spec_new(glob);
    VsNameSet *set = set_new();

    for (unsigned i = find_prefix(names, prefix);
         i < names->n && g_str_has_prefix(names->sorted[i], prefix); i++)
        if (g_pattern_match_string(spec, names->sorted[i]))
            g_array_append_val(set, i);
    g_pattern_spec_free(spec);
    return set;
}

const VsNameSet *
vs_names_glob(VsNames *names, const char *glob)
{
    VsNameSet *set = g_hash_table_lookup(names->globs, glob);

    if (!set) {
        set = strpbrk(glob, "*?") ? match_glob(names, glob) : match_literal(names, glob);
        g_hash_table_insert(names->globs, g_strdup(glob), set);
    }
    return set;
}

const VsNameSet *
vs_names_word(VsNames *names, const char *word)
{
    const VsNameSet *set;

    if (word[0] != '@')
        return vs_names_glob(names, word);
    set = g_hash_table_lookup(names->groups, word + 1);
    return set ? set : names->nobody;
}

static int
compare_numbers(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return x < y ? -1 : x > y;
}

static bool
contains(const VsNameSet *set, unsigned number)
{
    return set->len > 0 &&
           bsearch(&number, set->data, set->len, sizeof(unsigned), compare_numbers) != NULL;
}

static bool
have_common(const VsNameSet *a, const VsNameSet *b)
{
    const VsNameSet *small = a->len <= b->len ? a : b, *large = small == a ? b : a;

    for (unsigned i = 0; i < small->len; i++)
        if (contains(large, vs_name_set_at(small, i)))
            return true;
    return false;
}

const VsNameSet *
vs_names_without(VsNames *names, const VsNameSet *set, const VsNameSet *other)
{
    VsNameSet *rest;

    if (!have_common(set, other))
        return set;

    rest = set_new();
    for (unsigned i = 0; i < set->len; i++) {
        unsigned number = vs_name_set_at(set, i);

        if (!contains(other, number))
            g_array_append_val(rest, number);
    }
    g_ptr_array_add(names->others, rest);
    return rest;
}

static void
join_group(VsNames *names, const char *group, const VsNameSet *members)
{
    VsNameSet *set = g_hash_table_lookup(names->groups, group);

    if (!set) {
        set = set_new();
        g_hash_table_insert(names->groups, g_strdup(group), set);
    }
    if (members->len > 0)
        g_array_append_vals(set, members->data, members->len);
}

/* Sorts, and leaves each number in once. */
static void
tidy(void *key, void *value, void *data)
{
    VsNameSet *set = value;
    unsigned *numbers = (unsigned *)(void *)set->data, n = 0;

    g_array_sort(set, compare_numbers);
    for (unsigned i = 0; i < set->len; i++)
        if (n == 0 || numbers[i] != numbers[n - 1])
            numbers[n++] = numbers[i];
    g_array_set_size(set, n);
}

VsNames *
vs_names_new(const VsPolicy *policy, const char *const *sorted, unsigned n)
{
    VsNames *names = g_new0(VsNames, 1);

    names->sorted = sorted;
    names->n = n;
    names->globs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_set);
    names->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_set);
    names->others = g_ptr_array_new_with_free_func(free_set);
    names->nobody = set_new();

    for (unsigned i = 0; i < policy->sections->len; i++) {
        const VsSection *section = policy->sections->pdata[i];

        for (char **group = section->groups; *group; group++)
            join_group(names, *group, vs_names_glob(names, section->glob));
    }
    g_hash_table_foreach(names->groups, tidy, NULL);
    return names;
}

void
vs_names_free(VsNames *names)
{
    g_hash_table_unref(names->globs);
    g_hash_table_unref(names->groups);
    g_ptr_array_unref(names->others);
    g_array_unref(names->nobody);
    g_free(names);
}

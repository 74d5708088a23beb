/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/names.h"

#include <stdlib.h>
#include <string.h>

struct VsNames {
    const VsNamed *sorted;
    unsigned n;
    GHashTable *globs;                   /* text -> VsNameSet */
    GHashTable *words[VS_N_MATCH_KINDS]; /* a guest's word -> VsNameSet; NULL: not asked for yet */
    GHashTable *ones;                    /* number + 1 -> VsNameSet */
    GHashTable *groups;                  /* Group= -> VsNameSet */
    GPtrArray *others;                   /* of VsNameSet: what vs_names_without() made */
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

        if (strcmp(names->sorted[middle].who.name, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static VsNameSet *
match_name(const VsNames *names, const VsMatch *match)
{
    g_autofree char *prefix = g_strndup(match->text, strcspn(match->text, "*?"));
    VsNameSet *set = set_new();

    for (unsigned i = find_prefix(names, prefix);
         i < names->n && g_str_has_prefix(names->sorted[i].who.name, prefix); i++)
        if (vs_match_who(match, &names->sorted[i].who))
            g_array_append_val(set, i);
    return set;
}

static VsNameSet *
match_glob(const VsNames *names, const VsMatch *match)
{
    VsNameSet *set = set_new();

    for (unsigned i = 0; i < names->n; i++)
        if (vs_match_who(match, &names->sorted[i].who))
            g_array_append_val(set, i);
    return set;
}

static VsNameSet *
get_set(GHashTable *sets, const char *key)
{
    VsNameSet *set = g_hash_table_lookup(sets, key);

    if (!set) {
        set = set_new();
        g_hash_table_insert(sets, g_strdup(key), set);
    }
    return set;
}

/* All the guests' words of that kind. */
static GHashTable *
index_words(const VsNames *names, VsMatchKind kind)
{
    GHashTable *words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_set);
    const char *word;

    for (unsigned i = 0; i < names->n; i++)
        for (unsigned j = 0; (word = vs_who_word(&names->sorted[i].who, kind, j)); j++)
            g_array_append_val(get_set(words, word), i);
    return words;
}

static VsNameSet *
match_word(VsNames *names, const VsMatch *match)
{
    GHashTable **words = &names->words[match->kind];
    VsNameSet *set;

    if (!*words)
        *words = index_words(names, match->kind);
    set = g_hash_table_lookup(*words, match->text);
    return set ? g_array_ref(set) : set_new();
}

static VsNameSet *
match(VsNames *names, const char *glob)
{
    VsNameSet *set;
    VsMatch match;

    vs_match_init(&match, glob);
    if (match.kind == VS_MATCH_NAME)
        set = match_name(names, &match);
    else
        set = match.pattern ? match_glob(names, &match) : match_word(names, &match);
    vs_match_clear(&match);
    return set;
}

const VsNameSet *
vs_names_glob(VsNames *names, const char *glob)
{
    VsNameSet *set = g_hash_table_lookup(names->globs, glob);

    if (!set) {
        set = match(names, glob);
        g_hash_table_insert(names->globs, g_strdup(glob), set);
    }
    return set;
}

const VsNameSet *
vs_names_one(VsNames *names, unsigned i)
{
    VsNameSet *set = g_hash_table_lookup(names->ones, GUINT_TO_POINTER(i + 1));

    if (!set) {
        set = set_new();
        g_array_append_val(set, i);
        g_hash_table_insert(names->ones, GUINT_TO_POINTER(i + 1), set);
    }
    return set;
}

const VsSection *
vs_names_own(const VsNames *names, unsigned i)
{
    return names->sorted[i].own;
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
    VsNameSet *set = get_set(names->groups, group);

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

static void
join_groups(VsNames *names, const VsSection *section, const VsNameSet *members)
{
    for (char **group = section->groups; *group; group++)
        join_group(names, *group, members);
}

VsNames *
vs_names_new(const VsPolicy *policy, const VsNamed *sorted, unsigned n)
{
    VsNames *names = g_new0(VsNames, 1);

    names->sorted = sorted;
    names->n = n;
    names->globs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_set);
    names->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_set);
    names->ones = g_hash_table_new_full(NULL, NULL, NULL, free_set);
    names->others = g_ptr_array_new_with_free_func(free_set);
    names->nobody = set_new();

    for (unsigned i = 0; i < policy->sections->len; i++) {
        const VsSection *section = policy->sections->pdata[i];

        if (*section->groups)
            join_groups(names, section, vs_names_glob(names, section->glob));
    }
    for (unsigned i = 0; i < n; i++)
        if (sorted[i].own)
            join_groups(names, sorted[i].own, vs_names_one(names, i));
    g_hash_table_foreach(names->groups, tidy, NULL);
    return names;
}

void
vs_names_free(VsNames *names)
{
    g_hash_table_unref(names->globs);
    g_hash_table_unref(names->groups);
    g_hash_table_unref(names->ones);
    for (VsMatchKind kind = 0; kind < VS_N_MATCH_KINDS; kind++)
        g_clear_pointer(&names->words[kind], g_hash_table_unref);
    g_ptr_array_unref(names->others);
    g_array_unref(names->nobody);
    g_free(names);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-world.h"

/* What kinds of world there are. */

static const char *const words[] = {"late", "pauses", "ends",  "ran",     "reach",  "forced",
                                    "wait", "disk",   "hooks", "process", "habits", "parts"};

G_STATIC_ASSERT(KIND_ALL == (1 << G_N_ELEMENTS(words)) - 1);

/* Not the world's own chance: its draws are the same whatever kinds it is of. */
static unsigned
kinds_of_seed(unsigned seed)
{
    GRand *chance = g_rand_new_with_seed(seed ^ 0x6b696e64);
    unsigned kinds = (unsigned)g_rand_int_range(chance, 1, KIND_PARTS);

    if (g_rand_int_range(chance, 0, 4) == 0)
        kinds |= KIND_PARTS;
    g_rand_free(chance);
    return kinds;
}

static unsigned
kind_of_word(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_equal(words[i], word))
            return 1U << i;
    }
    g_error("VS_RANDOM_KINDS: there is no \"%s\"", word);
}

unsigned
kinds_parse(const char *text, unsigned seed)
{
    g_auto(GStrv) list = NULL;
    unsigned kinds = 0;

    if (g_str_equal(text, "none"))
        return 0;
    if (g_str_equal(text, "all"))
        return KIND_ALL;
    if (g_str_equal(text, "seed"))
        return kinds_of_seed(seed);
    list = g_strsplit(text, ",", -1);
    for (char **word = list; *word; word++)
        kinds |= kind_of_word(*word);
    return kinds;
}

char *
kinds_format(unsigned kinds)
{
    GString *text = g_string_new(kinds == 0 ? "none" : NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (kinds & (1U << i))
            g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "", words[i]);
    }
    return g_string_free(text, FALSE);
}

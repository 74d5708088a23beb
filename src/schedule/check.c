/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/check.h"

#include <stdlib.h>
#include <string.h>

#include "schedule/cut.h"
#include "schedule/names.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* A configuration is judged by guests that are called as its names and globs are written, or have
 * such a title, tag and so on, and then a name that only * matches. A glob
 * matches the name that looks like itself, as does each other glob that means all which it means;
 * so two globs that only have some names in common are no circle here, but may be one with the
 * guests of a host, where vs_schedule_cycles() tells it. */

static void
add_words(GPtrArray *texts, char *const *words)
{
    for (char *const *word = words; *word; word++)
        if ((*word)[0] != '@')
            g_ptr_array_add(texts, *word);
}

static int
compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All names and globs, sorted, each once. The texts stay the policy's. */
static GPtrArray *
collect_texts(const VsPolicy *policy)
{
    GPtrArray *texts = g_ptr_array_new();
    unsigned n = 0;

    for (unsigned i = 0; i < policy->sections->len; i++) {
        const VsSection *section = policy->sections->pdata[i];

        g_ptr_array_add(texts, section->glob);
        add_words(texts, section->before);
        add_words(texts, section->after);
    }
    if (texts->len > 0)
        qsort(texts->pdata, texts->len, sizeof(void *), compare_texts);
    for (unsigned i = 0; i < texts->len; i++)
        if (n == 0 || !g_str_equal(texts->pdata[i], texts->pdata[n - 1]))
            texts->pdata[n++] = texts->pdata[i];
    g_ptr_array_set_size(texts, (int)n);
    return texts;
}

/* A guest that is what a text says. */
typedef struct Played {
    const char *text;
    VsMatch match;
    const char *tags[2];
    VsNamed guest;
} Played;

static void
clear_played(void *data)
{
    Played *played = data;

    vs_match_clear(&played->match);
}

static void
play(Played *played, const char *text)
{
    VsWho *who = &played->guest.who;

    played->text = text;
    vs_match_init(&played->match, text);
    who->name = "";
    switch (played->match.kind) {
    case VS_MATCH_UUID:
        who->uuid = played->match.text;
        break;
    case VS_MATCH_TITLE:
        who->title = played->match.text;
        break;
    case VS_MATCH_TAG:
        played->tags[0] = played->match.text;
        who->tags = played->tags;
        break;
    case VS_MATCH_URI:
        who->uri = played->match.text;
        break;
    default:
        who->name = played->match.text;
    }
}

static int
compare_played(const void *a, const void *b)
{
    const Played *x = a, *y = b;
    int order = strcmp(x->guest.who.name, y->guest.who.name);

    return order != 0 ? order : strcmp(x->text, y->text);
}

/* All that the configuration speaks of, by name; it stays where it is, for its tags do. */
static GArray *
play_all(const VsPolicy *policy)
{
    g_autoptr(GPtrArray) texts = collect_texts(policy);
    GArray *all = g_array_sized_new(FALSE, TRUE, sizeof(Played), texts->len);

    g_array_set_size(all, texts->len);
    g_array_set_clear_func(all, clear_played);
    for (unsigned i = 0; i < texts->len; i++)
        play(&g_array_index(all, Played, i), texts->pdata[i]);
    g_array_sort(all, compare_played);
    for (unsigned i = 0; i < texts->len; i++) {
        Played *played = &g_array_index(all, Played, i);

        if (played->match.kind == VS_MATCH_TAG)
            played->guest.who.tags = played->tags;
    }
    return all;
}

static bool
fail(const VsPolicy *policy, const VsCircle *circle, GError **error)
{
    const VsSection *section = policy->sections->pdata[circle->section];
    g_autofree char *quoted = vs_text_quoted(circle->text);

    /* TRANSLATORS: FILE:LINE, and such as “a before b before a”. */
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s: the order of going down goes round in a circle: %s (allowed: Before= and "
                  "After= that lead from no guest back to itself)"),
                section->where, quoted);
    return false;
}

bool
vs_schedule_check(const VsPolicy *policy, GError **error)
{
    g_autoptr(GArray) all = play_all(policy);
    g_autofree const char **texts = g_new(const char *, all->len);
    g_autofree VsNamed *guests = g_new(VsNamed, all->len);
    g_autoptr(GPtrArray) circles = NULL;
    g_autoptr(VsNames) names = NULL;
    g_autoptr(VsGraph) graph = NULL;

    for (unsigned i = 0; i < all->len; i++) {
        texts[i] = g_array_index(all, Played, i).text;
        guests[i] = g_array_index(all, Played, i).guest;
    }
    names = vs_names_new(policy, guests, all->len);
    graph = vs_graph_new(policy, names, all->len);
    circles = vs_graph_cut(graph, texts);
    return circles->len == 0 || fail(policy, circles->pdata[0], error);
}

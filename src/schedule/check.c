/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/check.h"

#include <stdlib.h>
#include <string.h>

#include "schedule/cut.h"
#include "schedule/names.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"

/* A configuration is judged by guests that are called as its names and globs are written. A glob
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

bool
vs_schedule_check(const VsPolicy *policy, GError **error)
{
    g_autoptr(GPtrArray) texts = collect_texts(policy), circles = NULL;
    const char *const *sorted = (const char *const *)texts->pdata;
    g_autoptr(VsNames) names = vs_names_new(policy, sorted, texts->len);
    g_autoptr(VsGraph) graph = vs_graph_new(policy, names, texts->len);
    g_autofree char *quoted = NULL;
    const VsSection *section;
    const VsCircle *circle;

    circles = vs_graph_cut(graph, sorted);
    if (circles->len == 0)
        return true;

    circle = circles->pdata[0];
    section = policy->sections->pdata[circle->section];
    quoted = vs_text_quoted(circle->text);
    /* TRANSLATORS: FILE:LINE, and such as “a before b before a”. */
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID,
                _("%s: the order of going down goes round in a circle: %s (allowed: Before= and "
                  "After= that lead from no guest back to itself)"),
                section->where, quoted);
    return false;
}

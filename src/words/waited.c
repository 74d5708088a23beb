/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/waited.h"

#include "core/record.h"
#include "util/text.h"
#include "words/describe.h"
#include "words/story-request.h"
#include "words/story.h"

/* Of one. */
typedef struct Told {
    char *step;
    unsigned n_taken;
} Told;

struct VsTold {
    GHashTable *table; /* VsWaited: Told */
};

static void
free_told(gpointer data)
{
    Told *told = data;

    g_free(told->step);
    g_free(told);
}

VsTold *
vs_told_new(void)
{
    VsTold *told = g_new(VsTold, 1);

    told->table = g_hash_table_new_full(NULL, NULL, NULL, free_told);
    return told;
}

void
vs_told_free(VsTold *told)
{
    g_hash_table_unref(told->table);
    g_free(told);
}

static Told *
told_of(VsTold *all, const VsWaited *waited)
{
    Told *told = g_hash_table_lookup(all->table, waited);

    if (!told) {
        told = g_new0(Told, 1);
        g_hash_table_insert(all->table, (gpointer)waited, told);
    }
    return told;
}

char *
vs_waited_name(const VsWaited *waited)
{
    return vs_text_printable(waited->name ? waited->name : waited->argument);
}

char *
vs_waited_taken(const VsWaited *waited)
{
    const GArray *taken = waited->stop.taken;
    char *text = NULL;

    for (unsigned i = taken ? taken->len : 0; i > 0 && !text; i--)
        text = vs_describe_taken(&g_array_index(taken, VsTakenStep, i - 1));
    return text;
}

char *
vs_waited_news(const VsWaited *waited, VsTold *all)
{
    Told *told = told_of(all, waited);
    const GArray *taken = waited->stop.taken;
    GString *news = g_string_new(NULL);
    g_autofree char *name = vs_waited_name(waited);
    g_autofree char *step = vs_describe_step(&waited->stop);

    for (; taken && told->n_taken < taken->len; told->n_taken++) {
        g_autofree char *text =
            vs_describe_taken(&g_array_index(taken, VsTakenStep, told->n_taken));
        if (!text)
            break;
        g_string_append_printf(news, "%s: %s\n", name, text);
    }
    if (g_strcmp0(step, told->step) != 0) {
        g_string_append_printf(news, "%s: %s\n", name, step);
        g_free(told->step);
        told->step = g_steal_pointer(&step);
    }
    return g_string_free(news, FALSE);
}

/* How long it took, and whether it was clean, would say less. */
static bool
nobody_knows(const VsWaited *waited)
{
    VsOutcome outcome;

    return waited->outcome && vs_outcome_parse(waited->outcome, &outcome) &&
           outcome == VS_OUTCOME_UNKNOWN;
}

char *
vs_waited_end(const VsWaited *waited)
{
    g_autofree char *taken = NULL, *outcome = NULL;

    if (waited->record && (!nobody_knows(waited) || vs_story_otherwise(waited->record)))
        return vs_story_short(waited->record);
    taken = vs_waited_taken(waited);
    outcome = vs_story_outcome(waited->outcome);
    return taken ? g_strdup_printf("%s (%s)", outcome, taken) : g_steal_pointer(&outcome);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/graph.h"

void
vs_graph_add(VsGraph *graph, unsigned from, unsigned to, int section)
{
    VsEdge edge = {from, to, section};

    g_array_append_val(graph->edges, edge);
}

/* The node that stands for a set: its only name, or its join. @joins: VsNameSet -> node. */
static unsigned
get_node(VsGraph *graph, GHashTable *joins, const VsNameSet *set, bool leads_out)
{
    unsigned node = GPOINTER_TO_UINT(g_hash_table_lookup(joins, set));

    if (set->len == 1)
        return vs_name_set_at(set, 0);
    if (node > 0)
        return node;

    node = graph->n_nodes++;
    g_hash_table_insert(joins, (void *)set, GUINT_TO_POINTER(node));
    for (unsigned i = 0; i < set->len; i++) {
        unsigned name = vs_name_set_at(set, i);

        vs_graph_add(graph, leads_out ? node : name, leads_out ? name : node, VS_NO_SECTION);
    }
    return node;
}

typedef struct Builder {
    VsGraph *graph;
    VsNames *names;
    GHashTable *from; /* the joins that a set's names lead into, */
    GHashTable *to;   /* and those that lead to a set's names */
} Builder;

/* The words of one key, of the section of that number, which is about @own: @before tells which. */
static void
say(Builder *builder, const VsNameSet *own, int number, char **words, bool before)
{
    for (char **word = words; *word && own->len > 0; word++) {
        const VsNameSet *others =
            vs_names_without(builder->names, vs_names_word(builder->names, *word), own);
        const VsNameSet *first = before ? own : others, *second = before ? others : own;
        unsigned from, to;

        if (others->len == 0)
            continue;
        from = get_node(builder->graph, builder->from, first, false);
        to = get_node(builder->graph, builder->to, second, true);
        vs_graph_add(builder->graph, from, to, number);
    }
}

static void
say_both(Builder *builder, const VsNameSet *own, int number, const VsSection *section)
{
    say(builder, own, number, section->before, true);
    say(builder, own, number, section->after, false);
}

VsGraph *
vs_graph_new(const VsPolicy *policy, VsNames *names, unsigned n_names)
{
    g_autoptr(GHashTable) from = g_hash_table_new(NULL, NULL), to = g_hash_table_new(NULL, NULL);
    VsGraph *graph = g_new0(VsGraph, 1);
    Builder builder = {graph, names, from, to};

    graph->n_names = graph->n_nodes = n_names;
    graph->edges = g_array_new(FALSE, FALSE, sizeof(VsEdge));
    graph->first = g_array_new(FALSE, TRUE, sizeof(unsigned));
    for (unsigned i = 0; i < policy->sections->len; i++) {
        const VsSection *section = policy->sections->pdata[i];

        if (*section->before || *section->after)
            say_both(&builder, vs_names_glob(names, section->glob), (int)i, section);
    }
    for (unsigned i = 0; i < n_names; i++) {
        const VsSection *own = vs_names_own(names, i);

        if (own && (*own->before || *own->after))
            say_both(&builder, vs_names_one(names, i), VS_NO_SECTION, own);
    }
    return graph;
}

/* Brings the edges into the order of the nodes that they come from, else as they were. */
void
vs_graph_index(VsGraph *graph)
{
    GArray *sorted = g_array_sized_new(FALSE, FALSE, sizeof(VsEdge), graph->edges->len);
    unsigned *first;

    g_array_set_size(sorted, graph->edges->len);
    g_array_set_size(graph->first, 0);
    g_array_set_size(graph->first, graph->n_nodes + 2);
    first = (unsigned *)(void *)graph->first->data;

    for (unsigned i = 0; i < graph->edges->len; i++)
        first[vs_graph_edge(graph, i)->from + 2]++;
    for (unsigned i = 2; i < graph->n_nodes + 2; i++)
        first[i] += first[i - 1];
    for (unsigned i = 0; i < graph->edges->len; i++) {
        const VsEdge *edge = vs_graph_edge(graph, i);

        g_array_index(sorted, VsEdge, first[edge->from + 1]++) = *edge;
    }
    g_array_unref(graph->edges);
    graph->edges = sorted;
}

void
vs_graph_free(VsGraph *graph)
{
    g_array_unref(graph->edges);
    g_array_unref(graph->first);
    g_free(graph);
}

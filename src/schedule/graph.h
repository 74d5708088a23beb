/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schedule/names.h"

/* What has to be off before what. The nodes below n_names are the names; those above are joins:
 * "all of these before all of those" leads through one or two, which makes as many edges as there
 * are names, not their product. */

#define VS_NO_SECTION (-1)

typedef struct VsEdge {
    unsigned from, to;
    int section; /* that says so; VS_NO_SECTION where a guest's metadata does, or the edge only
                    leads into or out of a join */
} VsEdge;

typedef struct VsGraph {
    unsigned n_names, n_nodes;
    GArray *edges; /* of VsEdge; by from, once it is indexed */
    GArray *first; /* of unsigned, n_nodes + 1: where a node's edges begin; indexed */
} VsGraph;

/* All that @policy says of @names. */
VsGraph *vs_graph_new(const VsPolicy *policy, VsNames *names, unsigned n_names);
void vs_graph_free(VsGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsGraph, vs_graph_free)

static inline const VsEdge *
vs_graph_edge(const VsGraph *graph, unsigned i)
{
    return &((const VsEdge *)(const void *)graph->edges->data)[i];
}

/* Its edges are those from vs_graph_first(node) to before vs_graph_first(node + 1). */
static inline unsigned
vs_graph_first(const VsGraph *graph, unsigned node)
{
    return ((const unsigned *)(const void *)graph->first->data)[node];
}

/* For who builds one up, or takes some of it away. */
void vs_graph_add(VsGraph *graph, unsigned from, unsigned to, int section);
void vs_graph_index(VsGraph *graph);

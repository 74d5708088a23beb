/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schedule/graph.h"

/* The circles of a graph, and a graph without them. */

typedef struct VsCircle {
    char *text;  /* "a before b before a" */
    int section; /* one that is part of it */
} VsCircle;

/* Drops what is said of the order among names that are in a circle, and what is said of them and
 * others stays. Returns the circles, of VsCircle, one for all that hang together; the texts name
 * @sorted's. The graph is indexed then, and goes round no more. */
GPtrArray *vs_graph_cut(VsGraph *graph, const char *const *sorted);

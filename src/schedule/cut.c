/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/cut.h"

#include "util/i18n.h"

/* Circles: what hangs together in them is found in one walk (Tarjan's), without recursion, since
 * the way through the guests may be long. */

#define NONE G_MAXUINT

/* Of a long circle only the beginning is told. */
#define MAX_TOLD 12

typedef struct Walk {
    const VsGraph *graph;
    unsigned n_numbered, n_parts, n_path, n_open;
    unsigned *number;        /* when a node was met, from 1 */
    unsigned *low;           /* the first met that it leads back to */
    unsigned *next;          /* its edge that is followed next */
    unsigned *path;          /* the nodes that we are inside of */
    unsigned *open;          /* the nodes of parts that aren't complete */
    unsigned *part, *n_part; /* a node's part, and how many nodes a part has */
} Walk;

static void
walk_init(Walk *walk, const VsGraph *graph)
{
    *walk = (Walk){.graph = graph};
    walk->number = g_new0(unsigned, graph->n_nodes);
    walk->low = g_new(unsigned, graph->n_nodes);
    walk->next = g_new(unsigned, graph->n_nodes);
    walk->path = g_new(unsigned, graph->n_nodes);
    walk->open = g_new(unsigned, graph->n_nodes);
    walk->part = g_new(unsigned, graph->n_nodes);
    walk->n_part = g_new0(unsigned, graph->n_nodes);
}

static void
walk_clear(Walk *walk)
{
    g_free(walk->number);
    g_free(walk->low);
    g_free(walk->next);
    g_free(walk->path);
    g_free(walk->open);
    g_free(walk->part);
    g_free(walk->n_part);
}

static void
enter(Walk *walk, unsigned node)
{
    walk->number[node] = walk->low[node] = ++walk->n_numbered;
    walk->next[node] = vs_graph_first(walk->graph, node);
    walk->part[node] = NONE;
    walk->path[walk->n_path++] = node;
    walk->open[walk->n_open++] = node;
}

static void
leave(Walk *walk)
{
    unsigned node = walk->path[--walk->n_path], other;

    if (walk->low[node] == walk->number[node]) {
        do {
            other = walk->open[--walk->n_open];
            walk->part[other] = walk->n_parts;
            walk->n_part[walk->n_parts]++;
        } while (other != node);
        walk->n_parts++;
    }
    if (walk->n_path > 0) {
        unsigned parent = walk->path[walk->n_path - 1];

        walk->low[parent] = MIN(walk->low[parent], walk->low[node]);
    }
}

static void
walk_from(Walk *walk, unsigned root)
{
    enter(walk, root);
    while (walk->n_path > 0) {
        unsigned node = walk->path[walk->n_path - 1], to;

        if (walk->next[node] == vs_graph_first(walk->graph, node + 1)) {
            leave(walk);
            continue;
        }
        to = vs_graph_edge(walk->graph, walk->next[node]++)->to;
        if (walk->number[to] == 0)
            enter(walk, to);
        else if (walk->part[to] == NONE)
            walk->low[node] = MIN(walk->low[node], walk->number[to]);
    }
}

static bool
is_round(const Walk *walk, unsigned node)
{
    return walk->n_part[walk->part[node]] > 1;
}

/* The edges of a shortest way from @start back to it, last edge first. @via: the edge by which each
 * node was reached. */
static GArray *
find_way(const Walk *walk, unsigned start, unsigned *via)
{
    g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(unsigned));
    GArray *way = g_array_new(FALSE, FALSE, sizeof(unsigned));

    g_array_append_val(queue, start);
    for (unsigned i = 0; i < queue->len && via[start] == NONE; i++) {
        unsigned node = g_array_index(queue, unsigned, i);

        for (unsigned e = vs_graph_first(walk->graph, node);
             e < vs_graph_first(walk->graph, node + 1); e++) {
            unsigned to = vs_graph_edge(walk->graph, e)->to;

            if (walk->part[to] != walk->part[node] || via[to] != NONE)
                continue;
            via[to] = e;
            g_array_append_val(queue, to);
        }
    }

    for (unsigned node = start; way->len == 0 || node != start;) {
        g_array_append_val(way, via[node]);
        node = vs_graph_edge(walk->graph, via[node])->from;
    }
    return way;
}

static void
append(char **text, const char *name)
{
    char *longer = *text ? g_strdup_printf(_("%s before %s"), *text, name) : g_strdup(name);

    g_free(*text);
    *text = longer;
}

static VsCircle *
tell_circle(const Walk *walk, unsigned start, const char *const *sorted, unsigned *via)
{
    g_autoptr(GArray) way = find_way(walk, start, via);
    VsCircle *circle = g_new0(VsCircle, 1);
    unsigned n = 0;

    circle->section = VS_NO_SECTION;
    for (unsigned i = way->len; i-- > 0;) {
        const VsEdge *edge = vs_graph_edge(walk->graph, g_array_index(way, unsigned, i));

        if (circle->section == VS_NO_SECTION)
            circle->section = edge->section;
        if (edge->from >= walk->graph->n_names)
            continue;
        if (n++ < MAX_TOLD)
            append(&circle->text, sorted[edge->from]);
    }
    if (n > MAX_TOLD)
        append(&circle->text, "…");
    append(&circle->text, sorted[start]);
    return circle;
}

static void
free_circle(void *data)
{
    VsCircle *circle = data;

    g_free(circle->text);
    g_free(circle);
}

static GPtrArray *
find_circles(const Walk *walk, const char *const *sorted)
{
    GPtrArray *circles = g_ptr_array_new_with_free_func(free_circle);
    g_autofree bool *told = g_new0(bool, walk->n_parts);
    g_autofree unsigned *via = g_new(unsigned, walk->graph->n_nodes);

    for (unsigned i = 0; i < walk->graph->n_nodes; i++)
        via[i] = NONE;
    for (unsigned i = 0; i < walk->graph->n_names; i++) {
        if (!is_round(walk, i) || told[walk->part[i]])
            continue;
        told[walk->part[i]] = true;
        g_ptr_array_add(circles, tell_circle(walk, i, sorted, via));
    }
    return circles;
}

/* A join that is part of a circle becomes two: itself for those who come from outside, and go to
 * any; and a twin for those who come from the circle, which leads only out of it. */
static void
cut(VsGraph *graph, const Walk *walk)
{
    GArray *old = graph->edges;
    unsigned n_names = graph->n_names;
    g_autofree unsigned *twin = g_new0(unsigned, graph->n_nodes);

    for (unsigned i = n_names, n = graph->n_nodes; i < n; i++)
        if (is_round(walk, i))
            twin[i] = graph->n_nodes++;

    graph->edges = g_array_sized_new(FALSE, FALSE, sizeof(VsEdge), old->len);
    for (unsigned i = 0; i < old->len; i++) {
        const VsEdge *edge = &g_array_index(old, VsEdge, i);
        bool inside = walk->part[edge->from] == walk->part[edge->to];
        unsigned from = edge->from < n_names ? edge->from : twin[edge->from];

        if (!inside || edge->from >= n_names)
            vs_graph_add(graph, edge->from, edge->to, edge->section);
        if (!inside && edge->from >= n_names && from > 0)
            vs_graph_add(graph, from, edge->to, edge->section);
        if (inside && edge->to >= n_names)
            vs_graph_add(graph, from, twin[edge->to], edge->section);
    }
    g_array_unref(old);
}

GPtrArray *
vs_graph_cut(VsGraph *graph, const char *const *sorted)
{
    GPtrArray *circles;
    Walk walk;

    vs_graph_index(graph);
    walk_init(&walk, graph);
    for (unsigned i = 0; i < graph->n_nodes; i++)
        if (walk.number[i] == 0)
            walk_from(&walk, i);

    circles = find_circles(&walk, sorted);
    if (circles->len > 0) {
        cut(graph, &walk);
        vs_graph_index(graph);
    }
    walk_clear(&walk);
    return circles;
}

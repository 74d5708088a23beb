/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/build.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/cut.h"
#include "schedule/names.h"
#include "schedule/nodes.h"
#include "util/span.h"

/* µs, some 35 years: no ladder with an end comes near it. */
#define ENDLESS_WAY (INT64_C(1) << 50)

typedef struct Place {
    const char *name;
    unsigned guest;
} Place;

static int
compare_places(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->guest > y->guest) - (x->guest < y->guest);
}

/* What the policy is asked about, in the order of the nodes. The caller owns it. */
static VsNamed *
list_named(const VsSchedule *schedule, const VsScheduleGuest *guests)
{
    VsNamed *list = g_new0(VsNamed, schedule->n);

    for (unsigned i = 0; i < schedule->n; i++) {
        const VsScheduleGuest *guest = &guests[schedule->guest_of[i]];
        const VsLabels *labels = guest->labels;

        list[i].who = (VsWho){.name = guest->name, .uuid = guest->uuid, .uri = guest->uri};
        if (labels) {
            list[i].who.title = *labels->title ? labels->title : NULL;
            list[i].who.tags = (const char *const *)labels->tags;
            list[i].own = labels->own;
        }
    }
    return list;
}

/* Numbers the guests by name. */
static void
number(VsSchedule *schedule, const VsScheduleGuest *guests)
{
    g_autofree Place *places = g_new(Place, schedule->n);

    for (unsigned i = 0; i < schedule->n; i++)
        places[i] = (Place){guests[i].name, i};
    if (schedule->n > 0)
        qsort(places, schedule->n, sizeof(Place), compare_places);
    for (unsigned i = 0; i < schedule->n; i++) {
        schedule->names[i] = g_strdup(places[i].name);
        schedule->guest_of[i] = places[i].guest;
        schedule->node_of[places[i].guest] = i;
    }
}

static void
free_text(void *text)
{
    g_free(text);
}

static void
draw(VsSchedule *schedule, const VsPolicy *policy, VsNames *names)
{
    const char *const *sorted = (const char *const *)schedule->names;
    g_autoptr(GPtrArray) circles = NULL;

    schedule->graph = vs_graph_new(policy, names, schedule->n);
    circles = vs_graph_cut(schedule->graph, sorted);
    schedule->cycles = g_ptr_array_new_with_free_func(free_text);
    for (unsigned i = 0; i < circles->len; i++) {
        VsCircle *circle = circles->pdata[i];

        g_ptr_array_add(schedule->cycles, g_steal_pointer(&circle->text));
    }
}

/* Who is directly before whom, the first by name first. */
static void
collect_befores(VsSchedule *schedule)
{
    const VsGraph *graph = schedule->graph;
    VsNode *nodes = schedule->nodes;
    unsigned n = 0;

    for (unsigned i = 0; i < graph->edges->len; i++)
        nodes[vs_graph_edge(graph, i)->to].n_waiting++;
    for (unsigned i = 0; i < graph->n_nodes; i++) {
        nodes[i].first_before = n;
        n += nodes[i].n_waiting;
    }

    schedule->befores = g_new(unsigned, n);
    for (unsigned i = 0; i < graph->edges->len; i++) {
        VsNode *to = &nodes[vs_graph_edge(graph, i)->to];

        schedule->befores[to->first_before + to->n_before++] = vs_graph_edge(graph, i)->from;
    }
}

static void
sort_nodes(VsSchedule *schedule)
{
    const VsGraph *graph = schedule->graph;
    g_autofree unsigned *waiting = g_new(unsigned, graph->n_nodes);
    unsigned n = 0;

    for (unsigned i = 0; i < graph->n_nodes; i++) {
        waiting[i] = schedule->nodes[i].n_waiting;
        if (waiting[i] == 0)
            schedule->order[n++] = i;
    }
    for (unsigned i = 0; i < n; i++)
        for (unsigned e = vs_graph_first(graph, schedule->order[i]);
             e < vs_graph_first(graph, schedule->order[i] + 1); e++)
            if (--waiting[vs_graph_edge(graph, e)->to] == 0)
                schedule->order[n++] = vs_graph_edge(graph, e)->to;
    g_assert(n == graph->n_nodes); /* the circles were cut */
}

/* As vs_policy_resolve() says, but with each glob matched once for all names. */
static void
set_priorities(VsSchedule *schedule, const VsPolicy *policy, VsNames *names)
{
    const VsGraph *graph = schedule->graph;
    VsNode *nodes = schedule->nodes;

    for (unsigned i = 0; i < graph->n_nodes; i++)
        nodes[i].priority = i < schedule->n ? policy->all.priority : INT_MIN;
    for (unsigned i = 0; i < policy->sections->len; i++) {
        const VsSection *section = policy->sections->pdata[i];
        const VsNameSet *own;

        if (!(section->says & VS_POLICY_PRIORITY))
            continue;
        own = vs_names_glob(names, section->glob);
        for (unsigned j = 0; j < own->len; j++)
            nodes[vs_name_set_at(own, j)].priority = section->policy.priority;
    }
    for (unsigned i = 0; i < schedule->n; i++) {
        const VsSection *own = vs_names_own(names, i);

        if (own && own->says & VS_POLICY_PRIORITY)
            nodes[i].priority = own->policy.priority;
    }

    for (unsigned i = graph->n_nodes; i-- > 0;) {
        unsigned node = schedule->order[i];

        for (unsigned e = vs_graph_first(graph, node); e < vs_graph_first(graph, node + 1); e++)
            nodes[node].priority =
                MAX(nodes[node].priority, nodes[vs_graph_edge(graph, e)->to].priority);
    }
}

static int
compare_levels(const void *a, const void *b, void *data)
{
    const VsNode *nodes = data;
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    if (nodes[x].priority != nodes[y].priority)
        return nodes[x].priority > nodes[y].priority ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void
set_levels(VsSchedule *schedule)
{
    VsLevel *level = NULL;

    for (unsigned i = 0; i < schedule->n; i++)
        schedule->by_level[i] = i;
    g_qsort_with_data(schedule->by_level, (int)schedule->n, sizeof(unsigned), compare_levels,
                      schedule->nodes);
    for (unsigned i = 0; i < schedule->n; i++) {
        VsNode *node = &schedule->nodes[schedule->by_level[i]];

        if (!level ||
            schedule->nodes[schedule->by_level[level->first]].priority != node->priority) {
            level = &schedule->levels[schedule->n_levels++];
            level->first = i;
        }
        node->level = schedule->n_levels - 1;
        level->n++;
    }
}

static void
set_own(VsSchedule *schedule, const VsScheduleGuest *guests)
{
    for (unsigned i = 0; i < schedule->n; i++) {
        const VsScheduleGuest *guest = &guests[schedule->guest_of[i]];
        int64_t *part = schedule->nodes[i].own.part;

        part[VS_PART_RESERVE] = MAX(guest->reserve, 0);
        part[VS_PART_ENDLESS] = guest->asking == VS_USEC_INFINITY;
        part[VS_PART_TOTAL] = part[VS_PART_RESERVE];
        if (!part[VS_PART_ENDLESS])
            part[VS_PART_TOTAL] = vs_cost_add_times(part[VS_PART_TOTAL], MAX(guest->asking, 0));
    }
}

static int64_t
way_of(const VsNode *node)
{
    if (node->own.part[VS_PART_ENDLESS] > 0)
        return vs_cost_add_times(ENDLESS_WAY, node->own.part[VS_PART_TOTAL]);
    return node->own.part[VS_PART_TOTAL];
}

/* The longest paths behind each, as far as they are of the same priority. A join has that of the
 * highest that it leads to, and those who lead into it have no lower one. */
static void
set_behind(VsSchedule *schedule)
{
    const VsGraph *graph = schedule->graph;
    VsNode *nodes = schedule->nodes;

    for (unsigned i = graph->n_nodes; i-- > 0;) {
        VsNode *node = &nodes[schedule->order[i]];

        for (unsigned e = vs_graph_first(graph, schedule->order[i]);
             e < vs_graph_first(graph, schedule->order[i] + 1); e++) {
            const VsNode *to = &nodes[vs_graph_edge(graph, e)->to];
            VsCost path = to->own;

            if (to->priority != node->priority)
                continue;
            vs_cost_add(&path, &to->behind);
            vs_cost_raise(&node->behind, &path);
            node->way = MAX(node->way, vs_cost_add_times(way_of(to), to->way));
        }
    }
}

static int
compare_ranks(const void *a, const void *b, void *data)
{
    const VsNode *nodes = data;
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    if (nodes[x].level != nodes[y].level)
        return nodes[x].level < nodes[y].level ? -1 : 1;
    if (nodes[x].way != nodes[y].way)
        return nodes[x].way > nodes[y].way ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void
set_ranks(VsSchedule *schedule)
{
    for (unsigned i = 0; i < schedule->n; i++)
        schedule->by_rank[i] = i;
    g_qsort_with_data(schedule->by_rank, (int)schedule->n, sizeof(unsigned), compare_ranks,
                      schedule->nodes);
    for (unsigned i = 0; i < schedule->n; i++)
        schedule->nodes[schedule->by_rank[i]].rank = i;
}

void
vs_schedule_build(VsSchedule *schedule, const VsPolicy *policy, const VsScheduleGuest *guests)
{
    g_autofree VsNamed *named = NULL;
    g_autoptr(VsNames) names = NULL;

    number(schedule, guests);
    named = list_named(schedule, guests);
    names = vs_names_new(policy, named, schedule->n);
    draw(schedule, policy, names);

    schedule->nodes = g_new0(VsNode, schedule->graph->n_nodes);
    schedule->order = g_new(unsigned, schedule->graph->n_nodes);
    collect_befores(schedule);
    sort_nodes(schedule);
    set_priorities(schedule, policy, names);
    set_levels(schedule);
    set_own(schedule, guests);
    set_behind(schedule);
    set_ranks(schedule);
}

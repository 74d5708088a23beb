/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/schedule.h"

#include "schedule/nodes.h"
#include "schedule/time.h"

/* Makes room for @rank in the heap. */
static void
push_ready(VsSchedule *schedule, unsigned rank)
{
    unsigned *heap = schedule->ready, i = schedule->n_ready++;

    for (; i > 0 && heap[(i - 1) / 2] > rank; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = rank;
}

static void
pop_ready(VsSchedule *schedule)
{
    unsigned *heap = schedule->ready, n = --schedule->n_ready, last = heap[n], i = 0;

    for (unsigned child = 1; child < n; child = 2 * i + 1) {
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= last)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
}

/* The next node of those that wait for nobody, and weren't asked otherwise; NULL: none. */
static VsNode *
peek_ready(VsSchedule *schedule)
{
    while (schedule->n_ready > 0) {
        VsNode *node = &schedule->nodes[schedule->by_rank[schedule->ready[0]]];

        if (!node->asked && !node->done)
            return node;
        pop_ready(schedule);
    }
    return NULL;
}

/* Nobody waits for @node any longer. Through joins it goes at most a few steps deep. */
static void
release(VsSchedule *schedule, unsigned node)
{
    const VsGraph *graph = schedule->graph;

    for (unsigned e = vs_graph_first(graph, node); e < vs_graph_first(graph, node + 1); e++) {
        unsigned to = vs_graph_edge(graph, e)->to;
        VsNode *next = &schedule->nodes[to];

        while (next->n_done_before < next->n_before &&
               schedule->nodes[schedule->befores[next->first_before + next->n_done_before]].done)
            next->n_done_before++;
        if (--next->n_waiting > 0)
            continue;
        if (to < schedule->n) {
            push_ready(schedule, next->rank);
        } else {
            next->done = true;
            release(schedule, to);
        }
    }
}

/* A join whose names are all part of a circle has nobody before it. */
static void
release_empty_joins(VsSchedule *schedule)
{
    for (unsigned i = 0; i < schedule->n; i++)
        if (schedule->nodes[i].n_waiting == 0)
            push_ready(schedule, schedule->nodes[i].rank);
    for (unsigned i = schedule->n; i < schedule->graph->n_nodes; i++)
        if (schedule->nodes[i].n_before == 0) {
            schedule->nodes[i].done = true;
            release(schedule, i);
        }
}

VsSchedule *
vs_schedule_new(const VsPolicy *policy, const VsScheduleGuest *guests, unsigned n_guests)
{
    VsSchedule *schedule = g_new0(VsSchedule, 1);

    schedule->n = schedule->n_left = n_guests;
    schedule->max_parallel = policy->max_parallel;
    schedule->names = g_new0(const char *, n_guests);
    schedule->node_of = g_new(unsigned, n_guests);
    schedule->guest_of = g_new(unsigned, n_guests);
    schedule->levels = g_new0(VsLevel, n_guests);
    schedule->by_level = g_new(unsigned, n_guests);
    schedule->by_rank = g_new(unsigned, n_guests);
    schedule->ready = g_new(unsigned, n_guests);
    schedule->running = g_new(unsigned, n_guests);
    vs_schedule_build(schedule, policy, guests);
    vs_times_init(schedule);
    release_empty_joins(schedule);
    return schedule;
}

void
vs_schedule_free(VsSchedule *schedule)
{
    for (unsigned i = 0; i < schedule->n; i++)
        g_free((char *)schedule->names[i]);
    g_free(schedule->names);
    vs_graph_free(schedule->graph);
    g_ptr_array_unref(schedule->cycles);
    g_free(schedule->node_of);
    g_free(schedule->guest_of);
    g_free(schedule->nodes);
    g_free(schedule->befores);
    g_free(schedule->order);
    g_free(schedule->levels);
    g_free(schedule->by_level);
    for (unsigned part = 0; part < VS_N_PARTS; part++)
        g_free(schedule->by_path[part]);
    g_free(schedule->by_rank);
    g_free(schedule->ready);
    g_free(schedule->running);
    g_free(schedule);
}

const GPtrArray *
vs_schedule_cycles(const VsSchedule *schedule)
{
    return schedule->cycles;
}

static VsNode *
node_of(const VsSchedule *schedule, unsigned i)
{
    g_assert(i < schedule->n);
    return &schedule->nodes[schedule->node_of[i]];
}

int
vs_schedule_priority(const VsSchedule *schedule, unsigned i)
{
    return node_of(schedule, i)->priority;
}

static void
ask(VsSchedule *schedule, VsNode *node)
{
    node->asked = true;
    node->place = schedule->n_running++;
    schedule->running[node->place] = (unsigned)(node - schedule->nodes);
    vs_times_asked(schedule, (unsigned)(node - schedule->nodes));
}

int
vs_schedule_next(VsSchedule *schedule)
{
    VsNode *node = peek_ready(schedule);

    if (!node || node->level != schedule->level)
        return -1;
    if (schedule->max_parallel > 0 && schedule->n_running >= schedule->max_parallel)
        return -1;
    pop_ready(schedule);
    ask(schedule, node);
    return (int)schedule->guest_of[node - schedule->nodes];
}

void
vs_schedule_take(VsSchedule *schedule, unsigned i)
{
    VsNode *node = node_of(schedule, i);

    if (!node->asked && !node->done)
        ask(schedule, node);
}

static void
stop_running(VsSchedule *schedule, const VsNode *node)
{
    unsigned last = schedule->running[--schedule->n_running];

    schedule->running[node->place] = last;
    schedule->nodes[last].place = node->place;
}

/* One of @level is done: which is the first by name that isn't, and of which level are we now? */
static void
count_done(VsSchedule *schedule, VsLevel *level)
{
    level->n_left--;
    while (level->n_done_ahead < level->n &&
           schedule->nodes[schedule->by_level[level->first + level->n_done_ahead]].done)
        level->n_done_ahead++;
    while (schedule->level < schedule->n_levels && schedule->levels[schedule->level].n_left == 0)
        schedule->level++;
}

void
vs_schedule_done(VsSchedule *schedule, unsigned i)
{
    VsNode *node = node_of(schedule, i);

    if (node->done)
        return;
    node->done = true;
    schedule->n_left--;
    if (node->asked)
        stop_running(schedule, node);
    else
        vs_times_asked(schedule, schedule->node_of[i]);
    count_done(schedule, &schedule->levels[node->level]);
    release(schedule, schedule->node_of[i]);
}

bool
vs_schedule_is_asked(const VsSchedule *schedule, unsigned i)
{
    return node_of(schedule, i)->asked;
}

bool
vs_schedule_is_done(const VsSchedule *schedule, unsigned i)
{
    return node_of(schedule, i)->done;
}

unsigned
vs_schedule_n_left(const VsSchedule *schedule)
{
    return schedule->n_left;
}

/* The first guest by name directly before @node, or before the joins before it, that isn't done. */
static unsigned
first_before(const VsSchedule *schedule, const VsNode *node)
{
    const unsigned *befores = schedule->befores + node->first_before;
    unsigned i = node->n_done_before, first = schedule->n;

    while (i < node->n_before && befores[i] < schedule->n && schedule->nodes[befores[i]].done)
        i++;
    if (i < node->n_before)
        first = MIN(first, befores[i]);

    for (i = node->n_before; i > 0 && befores[i - 1] >= schedule->n; i--)
        if (!schedule->nodes[befores[i - 1]].done)
            first = MIN(first, first_before(schedule, &schedule->nodes[befores[i - 1]]));
    return first;
}

int
vs_schedule_waits_for(const VsSchedule *schedule, unsigned i)
{
    const VsNode *node = node_of(schedule, i);
    unsigned first = schedule->n;

    if (node->asked || node->done)
        return -1;
    for (unsigned l = schedule->level; l < node->level; l++) {
        const VsLevel *level = &schedule->levels[l];

        if (level->n_left > 0)
            first = MIN(first, schedule->by_level[level->first + level->n_done_ahead]);
    }
    first = MIN(first, first_before(schedule, node));
    return first < schedule->n ? (int)schedule->guest_of[first] : -1;
}

int64_t
vs_schedule_allow(const VsSchedule *schedule, unsigned i, int64_t left)
{
    return vs_times_allow(schedule, node_of(schedule, i), left);
}

int64_t
vs_schedule_longest(const VsSchedule *schedule)
{
    return schedule->longest;
}

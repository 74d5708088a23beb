/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/time.h"

#include "util/span.h"

/* How long each may take.
 *
 * Let L be what is left, and B(x) a bound of what all that is to come takes when everybody takes
 * his reserve and x of his asking part. B is a longest path, so it is convex in x, and never above
 * the straight line from B(0) to B(1): an x with B(0) + x (B(1) - B(0)) <= L keeps all inside L. It
 * holds for the next one, too, who may find a larger x.
 *
 * Of a short time, of which the reserves would take more than three quarters, they get that: r of
 * each reserve and x of each asking part, x no more than r. B(r, x) is convex, so never above
 * r B(1, 0) + x (B(1, 1) - B(1, 0)): r of what the reserves take, and x of what is beyond. For
 * whoever is never forced has no reserve. If the reserves came first he would have nothing of a
 * time in which those behind him are still asked for a quarter of it (see vs_ladder_fit() and the
 * last call), and with a little more would take that from them.
 *
 * Without max_parallel, what is to come is the guest's own, the longest path behind it, and those
 * of the lower priorities, one after the other. With room for only k, and more than k guests to
 * come, no order that leaves no room empty takes longer than (work + (k - 1) longest path) / k
 * (Graham); what others that are being asked were allowed counts with what is left of it. */

/* What all takes that is to come: what runs already, with the reserves, and all of it. */
typedef struct Bound {
    int64_t running, reserves, all;
} Bound;

typedef struct ByPath {
    const VsNode *nodes;
    VsPart part;
} ByPath;

/* A sum that went beyond all bounds stays there. */
static void
subtract(VsCost *from, const VsCost *cost)
{
    for (unsigned i = 0; i < VS_N_PARTS; i++)
        if (from->part[i] != VS_USEC_INFINITY)
            from->part[i] -= cost->part[i];
}

/* A step without end counts as all there is. */
static int64_t
all_of(const VsCost *cost, int64_t left)
{
    int64_t endless = cost->part[VS_PART_ENDLESS], time;

    if (__builtin_mul_overflow(endless, left, &time))
        return VS_USEC_INFINITY;
    return vs_cost_add_times(cost->part[VS_PART_TOTAL], time);
}

static VsCost
path_of(const VsNode *node)
{
    VsCost path = node->own;

    vs_cost_add(&path, &node->behind);
    return path;
}

static int
compare_paths(const void *a, const void *b, void *data)
{
    const ByPath *by = data;
    VsCost x = path_of(&by->nodes[*(const unsigned *)a]);
    VsCost y = path_of(&by->nodes[*(const unsigned *)b]);

    return (x.part[by->part] < y.part[by->part]) - (x.part[by->part] > y.part[by->part]);
}

/* (work + (k - 1) path) / k, rounded up. */
static int64_t
share_room(int64_t work, int64_t path, unsigned room)
{
    int64_t k = room, whole, rest;

    if (work == VS_USEC_INFINITY || path == VS_USEC_INFINITY)
        return VS_USEC_INFINITY;
    whole = vs_cost_add_times(work / k, path / k * (k - 1));
    rest = work % k + path % k * (k - 1);
    return vs_cost_add_times(whole, (rest + k - 1) / k);
}

/* The longest path that begins with an open guest of @level. */
static VsCost
open_path(const VsSchedule *schedule, const VsLevel *level)
{
    VsCost path = {0};

    for (unsigned part = 0; part < VS_N_PARTS; part++) {
        unsigned i = level->n_taken_ahead[part];

        if (i < level->n)
            path.part[part] =
                path_of(&schedule->nodes[schedule->by_path[part][level->first + i]]).part[part];
    }
    return path;
}

/* What the open guests of @level take when they have the host for themselves. */
static VsCost
level_cost(const VsSchedule *schedule, const VsLevel *level)
{
    VsCost cost = open_path(schedule, level);

    if (schedule->max_parallel > 0 && level->n_open > schedule->max_parallel)
        for (unsigned part = 0; part < VS_N_PARTS; part++)
            cost.part[part] =
                share_room(level->open.part[part], cost.part[part], schedule->max_parallel);
    return cost;
}

/* Adds up what is below the levels above number @n. */
static void
sum_below(VsSchedule *schedule, unsigned n)
{
    for (unsigned l = n; l-- > schedule->level;) {
        const VsLevel *lower = &schedule->levels[l + 1];
        VsCost cost = level_cost(schedule, lower);

        vs_cost_add(&cost, &lower->below);
        schedule->levels[l].below = cost;
    }
}

static void
sort_paths(VsSchedule *schedule, VsPart part)
{
    ByPath by = {schedule->nodes, part};

    schedule->by_path[part] = g_new(unsigned, schedule->n);
    for (unsigned i = 0; i < schedule->n; i++)
        schedule->by_path[part][i] = schedule->by_level[i];
    for (unsigned l = 0; l < schedule->n_levels; l++)
        g_qsort_with_data(schedule->by_path[part] + schedule->levels[l].first,
                          (int)schedule->levels[l].n, sizeof(unsigned), compare_paths, &by);
}

void
vs_times_init(VsSchedule *schedule)
{
    VsCost cost;

    for (unsigned part = 0; part < VS_N_PARTS; part++)
        sort_paths(schedule, part);
    for (unsigned i = 0; i < schedule->n; i++) {
        VsNode *node = &schedule->nodes[i];

        node->until = -1;
        vs_cost_add(&schedule->levels[node->level].open, &node->own);
    }
    for (unsigned l = 0; l < schedule->n_levels; l++)
        schedule->levels[l].n_left = schedule->levels[l].n_open = schedule->levels[l].n;
    if (schedule->n_levels == 0)
        return;

    sum_below(schedule, schedule->n_levels - 1);
    cost = level_cost(schedule, &schedule->levels[0]);
    vs_cost_add(&cost, &schedule->levels[0].below);
    schedule->longest =
        cost.part[VS_PART_ENDLESS] > 0 ? VS_USEC_INFINITY : cost.part[VS_PART_TOTAL];
}

void
vs_times_asked(VsSchedule *schedule, unsigned number)
{
    const VsNode *node = &schedule->nodes[number];
    VsLevel *level = &schedule->levels[node->level];

    level->n_open--;
    subtract(&level->open, &node->own);
    for (unsigned part = 0; part < VS_N_PARTS; part++) {
        const unsigned *paths = schedule->by_path[part] + level->first;
        unsigned *n = &level->n_taken_ahead[part];

        while (*n < level->n &&
               (schedule->nodes[paths[*n]].asked || schedule->nodes[paths[*n]].done))
            (*n)++;
    }
    if (node->level > schedule->level)
        sum_below(schedule, node->level);
}

/* Of one part of the guests, or of one path, what of it runs, and what is to come. */
static Bound
bound_of(int64_t running, const VsCost *cost, int64_t left)
{
    return (Bound){
        running,
        vs_cost_add_times(running, cost->part[VS_PART_RESERVE]),
        vs_cost_add_times(running, all_of(cost, left)),
    };
}

static void
add_bound(Bound *to, Bound bound)
{
    to->running = vs_cost_add_times(to->running, bound.running);
    to->reserves = vs_cost_add_times(to->reserves, bound.reserves);
    to->all = vs_cost_add_times(to->all, bound.all);
}

static void
raise_bound(Bound *to, Bound bound)
{
    to->running = MAX(to->running, bound.running);
    to->reserves = MAX(to->reserves, bound.reserves);
    to->all = MAX(to->all, bound.all);
}

static void
count_running(const VsNode *node, const VsNode *asker, int64_t left, Bound *work, Bound *path)
{
    VsCost behind = {0};

    if (node->level == asker->level)
        behind = node->behind;
    if (node == asker || node->until < 0) {
        vs_cost_add(&behind, &node->own);
        add_bound(work, bound_of(0, &node->own, left));
        raise_bound(path, bound_of(0, &behind, left));
    } else {
        int64_t still = CLAMP(left - node->until, 0, all_of(&node->own, left));

        add_bound(work, (Bound){still, still, still});
        raise_bound(path, bound_of(still, &behind, left));
    }
}

static Bound
bound_with_room(const VsSchedule *schedule, const VsNode *node, int64_t left)
{
    const VsLevel *level = &schedule->levels[node->level];
    VsCost open = open_path(schedule, level);
    Bound work = bound_of(0, &level->open, left), path = bound_of(0, &open, left);
    unsigned room = schedule->max_parallel;

    for (unsigned i = 0; i < schedule->n_running; i++)
        count_running(&schedule->nodes[schedule->running[i]], node, left, &work, &path);
    return (Bound){
        share_room(work.running, path.running, room),
        share_room(work.reserves, path.reserves, room),
        share_room(work.all, path.all, room),
    };
}

static Bound
find_bound(const VsSchedule *schedule, const VsNode *node, int64_t left)
{
    const VsLevel *level = &schedule->levels[node->level];
    VsCost path = path_of(node);
    Bound bound = bound_of(0, &path, left);

    if (schedule->max_parallel > 0 && level->n_open + schedule->n_running > schedule->max_parallel)
        bound = bound_with_room(schedule, node, left);
    add_bound(&bound, bound_of(0, &level->below, left));
    return bound;
}

/* time * part / whole, rounded down. */
static int64_t
scale(int64_t time, int64_t part, int64_t whole)
{
    int64_t product;
    double scaled;

    if (!__builtin_mul_overflow(time, part, &product))
        return product / whole;
    scaled = (double)time * ((double)part / (double)whole);
    return scaled < (double)time ? (int64_t)scaled : time;
}

/* What is there of @bound for asking: what the reserves leave, at least a quarter, but no larger
 * part of all asking than of the reserves. */
static int64_t
find_asking(Bound bound, int64_t there)
{
    int64_t reserves = bound.reserves - bound.running, asking = bound.all - bound.reserves;

    return MIN(MAX(there - reserves, there / 4), scale(there, asking, reserves + asking));
}

int64_t
vs_times_allow(const VsSchedule *schedule, VsNode *node, int64_t left)
{
    int64_t there = MAX(left, 0), reserve = node->own.part[VS_PART_RESERVE];
    int64_t all = all_of(&node->own, there), allowed = 0;
    Bound bound = find_bound(schedule, node, there);

    if (there >= bound.all) {
        allowed = all;
    } else if (there > bound.running) {
        int64_t time = there - bound.running, asking = find_asking(bound, time);

        if (bound.reserves > bound.running)
            allowed += scale(reserve, time - asking, bound.reserves - bound.running);
        if (bound.all > bound.reserves)
            allowed += scale(all - reserve, asking, bound.all - bound.reserves);
    }

    allowed = MIN(allowed, there); /* very long times are scaled only about exactly */

    /* The others reckon with it. */
    if (node->asked && !node->done)
        node->until = MAX(there - allowed, 0);
    return allowed;
}

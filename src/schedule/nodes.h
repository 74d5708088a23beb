/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "schedule/cost.h"
#include "schedule/graph.h"

/* What the schedule knows, which the files behind this one share.
 *
 * A guest's node is its place when all are sorted by name, so that the first by name is the lowest
 * number; nodes from n on are joins. */

typedef struct VsNode {
    unsigned n_waiting; /* nodes directly before it that aren't done */
    bool asked, done;
    int priority;
    unsigned level; /* its priority's place, from the highest */
    unsigned rank;  /* its place in the order of asking */
    VsCost own;
    VsCost behind; /* the longest path behind it within its level */
    int64_t way;   /* the same as one time, which orders them: endless is longer than all else */
    int64_t until; /* how much is left when what it was allowed is over; -1: not known */
    unsigned first_before, n_before; /* in befores, sorted by number */
    unsigned n_done_before;          /* of them, the done ones at the beginning */
    unsigned place;                  /* in running */
} VsNode;

/* All guests of a priority. */
typedef struct VsLevel {
    unsigned first, n;                  /* in by_level, and in each of by_path */
    unsigned n_left;                    /* not done */
    unsigned n_open;                    /* not asked, and not done */
    unsigned n_done_ahead;              /* in by_level, the done ones at the beginning */
    unsigned n_taken_ahead[VS_N_PARTS]; /* in by_path, those at the beginning that aren't open */
    VsCost open;                        /* of all that are open */
    VsCost below;                       /* what the levels below take */
} VsLevel;

typedef struct VsSchedule {
    unsigned n, max_parallel;
    VsGraph *graph;
    GPtrArray *cycles; /* of char * */
    const char **names;
    unsigned *node_of, *guest_of; /* from the caller's number to the node, and back */
    VsNode *nodes;
    unsigned *befores;
    unsigned *order; /* the nodes, each behind all that are before it */
    unsigned n_levels, level;
    VsLevel *levels;
    unsigned *by_level;            /* level by level, then by name */
    unsigned *by_path[VS_N_PARTS]; /* level by level, then the longest path first */
    unsigned *ready;               /* heap: the ranks of those that wait for nobody */
    unsigned *by_rank;             /* from a rank to the node */
    unsigned n_ready, n_left;
    unsigned *running; /* asked, and not done */
    unsigned n_running;
    int64_t longest;
} VsSchedule;

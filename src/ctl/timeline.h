/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "util/json.h"

/* How guests go down, or would, in time: what plot draws. Times are µs from the beginning. */

typedef struct VsSegment {
    char *method; /* of the step, in the record's words */
    char *result; /* what it came to; NULL: not known */
    int64_t start, took;
} VsSegment;

typedef struct VsBar {
    char *name;
    char *note; /* what stands behind it */
    bool forced;
    bool left;        /* a plan's: it would be left running */
    char *waited_for; /* the guest that had to be off before; NULL: none */
    int64_t asked;    /* when it began to wait */
    int64_t start, took;
    GArray *segments; /* of VsSegment: its steps */
} VsBar;

typedef struct VsTimeline {
    char *title, *summary;
    int64_t total;
    int64_t budget;  /* VS_USEC_INFINITY: none, or not known */
    GPtrArray *bars; /* of VsBar, those that begin first first */
} VsTimeline;

/* Of a host stop's records. The caller owns it. */
VsTimeline *vs_timeline_of_records(const GPtrArray *records);

/* Of what the Manager's Plan() answers. The caller owns it. */
VsTimeline *vs_timeline_of_plan(json_object *plan);

void vs_timeline_free(VsTimeline *timeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsTimeline, vs_timeline_free)

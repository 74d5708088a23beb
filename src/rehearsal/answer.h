/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/ladder.h"

/* How a guest answers what is done to it, as far as its past stops tell. */

/* Of so many stops, the last ones, a method's median is told. */
#define VS_ANSWER_LAST 5

/* The methods that take a guest off: they come first among all. */
#define VS_ANSWER_METHODS VS_METHOD_LEAVE

/* µs from the call until the guest was off. One that ran on is known to need longer than it had:
 * then there is a least, but no most (VS_USEC_INFINITY). */
typedef struct VsAnswerTime {
    int64_t least, most;
    int64_t whole; /* the most, counted from when anything was first done to it in that stop: it may
                      have been going down for that already. VS_USEC_INFINITY: as above */
} VsAnswerTime;

typedef struct VsAnswer {
    unsigned n;           /* stops that tell; 0: none does, and the rest means nothing */
    VsAnswerTime usual;   /* the median of the last ones */
    VsAnswerTime slowest; /* of all */
    int64_t refused;      /* µs: the last time libvirt refused it after that; 0: it didn't */
} VsAnswer;

/* All that is known of one guest. */
typedef struct VsPast {
    unsigned n_stops; /* of which it is known; 0: it was never seen to be stopped */
    int64_t median;  /* µs: what it took, from its turn, to go down in the last ones in which it */
    int64_t longest; /* ... did, and the longest ever; 0: it never did */
    VsAnswer answers[VS_ANSWER_METHODS];
} VsPast;

/* How it is taken to answer. */
typedef enum VsPace {
    VS_PACE_USUAL,         /* as it mostly did, and what it isn't known to do it doesn't do; */
    VS_PACE_USUAL_AT_BEST, /* ... it does at once, or as soon as it can */
    VS_PACE_SLOWEST,       /* the same two, as slowly as it ever did */
    VS_PACE_SLOWEST_AT_BEST,
    VS_PACE_NEVER, /* it does nothing that it is asked, but to run on */
    VS_N_PACES
} VsPace;

/* When @past's guest is off that is done @method to @now, and anything was first done to @first.
 * VS_USEC_INFINITY: it isn't off by that. */
int64_t vs_past_off_at(const VsPast *past, VsPace pace, VsMethod method, int64_t first,
                       int64_t now);

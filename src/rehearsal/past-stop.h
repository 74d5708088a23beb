/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/record.h"
#include "util/json.h"

/* What a stop record tells of how the guest went off. */

/* A step that was taken; one of VsPastStop's. */
typedef struct VsPastStep {
    VsMethod method;
    int64_t started;    /* µs from the guest's turn */
    int64_t took;       /* µs */
    const char *result; /* the record's */
} VsPastStep;

typedef struct VsPastStop {
    VsCause cause;
    VsOutcome outcome; /* NONE: it wasn't this daemon that asked */
    int64_t took;      /* µs from its turn, or from somebody's press, until it was off */
    GArray *taken;     /* of VsPastStep */
} VsPastStop;

/* False where it tells nothing. As long as @record is. To be cleared in either case. */
bool vs_past_stop_read(VsPastStop *stop, json_object *record);
void vs_past_stop_clear(VsPastStop *stop);

const VsPastStep *vs_past_stop_step(const VsPastStop *stop, unsigned i);
VsMethodEffect vs_past_step_effect(const VsPastStep *step);

/* Step @i was heard, and the guest had its time to do it, but didn't. */
bool vs_past_stop_was_in_vain(const VsPastStop *stop, unsigned i);

/* ... and had it to the end: it was not cut short by a budget, or by somebody. */
bool vs_past_stop_was_waited_for(const VsPastStop *stop, unsigned i);

/* The first of the steps with the method of step @i that were heard: one that was broken off, or
 * got more time, stands there more than once. */
unsigned vs_past_stop_first_like(const VsPastStop *stop, unsigned i);

/* The number of the step by which it went off; -1: none of these. */
int vs_past_stop_find_by(const VsPastStop *stop);

/* Of one that went off by a step. µs: what came before anything was done to the guest itself, and
 * comes again: hooks, a resume. */
int64_t vs_past_stop_before(const VsPastStop *stop);

/* µs from its turn: when that was. */
int64_t vs_past_stop_first(const VsPastStop *stop);

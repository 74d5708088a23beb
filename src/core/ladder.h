/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/method.h"

/* The ladder: the steps of one guest's stop, each with its own deadline.
 *
 *     agent:60s power-button:120s,press=2,gap=500ms destroy
 */

#define VS_LADDER_MAX_STEPS 16
#define VS_LADDER_DEFAULT   "agent:60s power-button:120s destroy"

/* What a destroy may take by libvirt's own clock: SIGTERM, SIGKILL at 10 s, and some for the
 * reaping. A budget keeps this much back for it; see vs_ladder_fit(). */
#define VS_DESTROY_RESERVE (INT64_C(15) * 1000 * 1000)

typedef struct VsStep {
    VsMethod method;
    int64_t span;     /* µs: how long the guest has before the next step */
    unsigned presses; /* where it is done by presses: how many, at least one */
    int64_t gap;      /* µs between two of them */
} VsStep;

typedef struct VsLadder {
    unsigned n_steps;
    VsStep steps[VS_LADDER_MAX_STEPS];
} VsLadder;

/* Parses @text. destroy and leave end a ladder, so they come last, once; a ladder with neither ends
 * as if by leave. The error names the step and what is allowed. */
bool vs_ladder_parse(const char *text, VsLadder *ret, GError **error);

/* The text that parses to @ladder again. The caller owns it. */
char *vs_ladder_format(const VsLadder *ladder);

/* Shortens the steps' spans in proportion so that the ladder, with a destroy's own time at its end,
 * takes at most @budget µs. Never makes a step longer. */
void vs_ladder_fit(VsLadder *ladder, int64_t budget);

/* The span of step @i so that it and those behind it take at most @budget µs, shortened likewise.
 */
int64_t vs_ladder_fit_step(const VsLadder *ladder, unsigned i, int64_t budget);

/* Whether it ends with a destroy. */
bool vs_ladder_forces(const VsLadder *ladder);

/* The sum of the spans that the guest itself has, µs: all but a destroy's own. */
int64_t vs_ladder_asking(const VsLadder *ladder);

/* The sum of the spans, µs, VS_DESTROY_RESERVE for a destroy included. */
int64_t vs_ladder_total(const VsLadder *ladder);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rehearsal/forecast.h"

/* Whom a budget is too short for. */
typedef struct VsShortage {
    bool *cut;    /* of each guest: without a budget it would come out better; NULL: none is cut */
    int64_t *end; /* ... and be off then, µs from the beginning; VS_USEC_INFINITY: not known */
    int64_t needed; /* µs: the least budget with which none is cut, to a second or a hundredth; 0:
                       it wasn't looked for (there are too many), or none is long enough */
} VsShortage;

/* Of @forecast, made with that budget. @needed: whether what would do is looked for. */
void vs_shortage_find(VsShortage *shortage, const VsForecast *forecast, const VsPolicy *policy,
                      int64_t budget, bool needed);
void vs_shortage_clear(VsShortage *shortage);

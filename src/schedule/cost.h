/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* A time, in its parts: what is kept for destroys, all together as far as it has an end, and how
 * many steps without end. Each is added up, and its longest path found, on its own: together they
 * are never less than what any path takes. */
typedef enum VsPart { VS_PART_RESERVE, VS_PART_TOTAL, VS_PART_ENDLESS, VS_N_PARTS } VsPart;

typedef struct VsCost {
    int64_t part[VS_N_PARTS];
} VsCost;

int64_t vs_cost_add_times(int64_t a, int64_t b); /* never beyond VS_USEC_INFINITY */
void vs_cost_add(VsCost *to, const VsCost *cost);
void vs_cost_raise(VsCost *to, const VsCost *least);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule/cost.h"

#include <glib.h>

#include "util/span.h"

int64_t
vs_cost_add_times(int64_t a, int64_t b)
{
    return a > VS_USEC_INFINITY - b ? VS_USEC_INFINITY : a + b;
}

void
vs_cost_add(VsCost *to, const VsCost *cost)
{
    for (unsigned i = 0; i < VS_N_PARTS; i++)
        to->part[i] = vs_cost_add_times(to->part[i], cost->part[i]);
}

void
vs_cost_raise(VsCost *to, const VsCost *least)
{
    for (unsigned i = 0; i < VS_N_PARTS; i++)
        to->part[i] = MAX(to->part[i], least->part[i]);
}

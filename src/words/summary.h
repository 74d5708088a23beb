/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* How a stop of several guests came out, as one line. */
typedef struct VsSummary {
    unsigned n_clean, n_cut_off;
    unsigned n_left;    /* that still run */
    unsigned n_unknown; /* off, and nobody knows whether in order */
    int64_t took;       /* µs */
    int64_t budget;     /* µs; VS_USEC_INFINITY: it had no limit, or that isn't known */
} VsSummary;

/* "12 guests: 11 clean, 1 cut off; 38 s of 5 min". The caller owns it. */
char *vs_summary_tell(const VsSummary *summary);

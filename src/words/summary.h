/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "client/host-stop-record.h"

/* How a stop of several guests came out, as one line. */
typedef struct VsSummary {
    unsigned n_clean, n_cut_off;
    unsigned n_left;    /* that still run */
    unsigned n_unknown; /* off, and nobody knows whether in order */
    int64_t took;       /* µs */
    int64_t budget;     /* µs; VS_USEC_INFINITY: it had no limit, or that isn't known */
} VsSummary;

/* Adds guests of which only their records tell. */
void vs_summary_add_tally(VsSummary *summary, const VsHostStopTally *tally);

/* Of all that have a record. */
VsSummary vs_summary_of_tally(const VsHostStopTally *tally);

/* "12 guests: 11 clean, 1 cut off; 38 s of 5 min". The caller owns it. */
char *vs_summary_tell(const VsSummary *summary);

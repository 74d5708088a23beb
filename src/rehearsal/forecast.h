/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rehearsal/simulation.h"

/* The runs of a simulation with one budget, at several paces. */

typedef struct VsForecast {
    VsSimulation own[VS_N_PACES];
    const VsSimulation *at[VS_N_PACES]; /* its own, or one before that is the same */
} VsForecast;

/* At all paces up to @last. @budget: µs; 0: as the policy says. @hooks: programs in hooks.d are
 * run, which take all their time where none obeys. */
void vs_forecast_make(VsForecast *forecast, const VsPolicy *policy, const VsPlanGuest *guests,
                      unsigned n_guests, int64_t budget, bool hooks, VsPace last);
void vs_forecast_clear(VsForecast *forecast);

/* What becomes of guest @i at VS_PACE_USUAL or VS_PACE_SLOWEST: UNKNOWN where that differs from
 * what becomes of it at its best. */
VsOutcome vs_forecast_outcome(const VsForecast *forecast, VsPace pace, unsigned i);

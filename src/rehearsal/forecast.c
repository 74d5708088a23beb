/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/forecast.h"

/* Whether any guest does otherwise at @pace than at @other: else one run is the other, too. */
static bool
differ(const VsPlanGuest *guests, unsigned n_guests, VsPace pace, VsPace other)
{
    for (unsigned i = 0; i < n_guests; i++)
        for (VsMethod method = 0; method < VS_ANSWER_METHODS; method++)
            if (vs_past_off_at(&guests[i].past, pace, method, 0, 0) !=
                vs_past_off_at(&guests[i].past, other, method, 0, 0))
                return true;
    return false;
}

static void
run(VsForecast *forecast, const VsPolicy *policy, int64_t budget, VsPace pace)
{
    VsSimulation *own = &forecast->own[pace];

    for (VsPace other = 0; other < pace && pace != VS_PACE_NEVER; other++)
        if (!differ(own->guests, own->n_guests, pace, other)) {
            forecast->at[pace] = forecast->at[other];
            return;
        }
    own->pace = pace;
    vs_simulation_run(own, policy, budget);
    forecast->at[pace] = own;
}

void
vs_forecast_make(VsForecast *forecast, const VsPolicy *policy, const VsPlanGuest *guests,
                 unsigned n_guests, int64_t budget, bool hooks, VsPace last)
{
    *forecast = (VsForecast){0};
    for (VsPace pace = 0; pace <= last; pace++) {
        forecast->own[pace] = (VsSimulation){.guests = guests, .n_guests = n_guests};
        forecast->own[pace].hooks = hooks && pace == VS_PACE_NEVER;
        run(forecast, policy, budget, pace);
    }
}

void
vs_forecast_clear(VsForecast *forecast)
{
    for (VsPace pace = 0; pace < VS_N_PACES; pace++)
        if (forecast->at[pace] == &forecast->own[pace])
            vs_simulation_clear(&forecast->own[pace]);
}

VsOutcome
vs_forecast_outcome(const VsForecast *forecast, VsPace pace, unsigned i)
{
    VsOutcome outcome = forecast->at[pace]->results[i].outcome;

    return outcome == forecast->at[pace + 1]->results[i].outcome ? outcome : VS_OUTCOME_UNKNOWN;
}

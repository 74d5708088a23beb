/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/shortage.h"

#include "util/span.h"

/* The least budget is looked for by trying some twenty: of more guests that takes too long. */
#define MAX_GUESTS 500

/* The longest budget that the configuration takes. */
#define MAX_BUDGET (INT64_C(7) * 24 * 3600 * VS_USEC_PER_SEC)

static int
rank(VsOutcome outcome)
{
    return outcome == VS_OUTCOME_CLEAN ? 2 : outcome == VS_OUTCOME_UNKNOWN ? 1 : 0;
}

static bool
is_worse(const VsForecast *forecast, const VsForecast *free, unsigned i)
{
    return rank(vs_forecast_outcome(forecast, VS_PACE_USUAL, i)) <
           rank(vs_forecast_outcome(free, VS_PACE_USUAL, i));
}

static bool
all_are_clean(const VsForecast *forecast)
{
    const VsSimulation *run = &forecast->own[VS_PACE_USUAL];

    for (unsigned i = 0; i < run->n_guests; i++)
        if (run->results[i].takes_part &&
            vs_forecast_outcome(forecast, VS_PACE_USUAL, i) != VS_OUTCOME_CLEAN)
            return false;
    return true;
}

static bool
any_is_worse(const VsForecast *forecast, const VsForecast *free)
{
    for (unsigned i = 0; i < free->own[VS_PACE_USUAL].n_guests; i++)
        if (is_worse(forecast, free, i))
            return true;
    return false;
}

static bool
is_too_short(const VsForecast *free, const VsPolicy *policy, int64_t budget)
{
    const VsSimulation *run = &free->own[VS_PACE_USUAL];
    VsForecast forecast;
    bool worse;

    vs_forecast_make(&forecast, policy, run->guests, run->n_guests, budget, false,
                     VS_PACE_USUAL_AT_BEST);
    worse = any_is_worse(&forecast, free);
    vs_forecast_clear(&forecast);
    return worse;
}

/* Between @little, which is too short, and ever more. */
static int64_t
find_needed(const VsForecast *free, const VsPolicy *policy, int64_t little)
{
    int64_t enough = MAX(little, VS_USEC_PER_SEC);

    do {
        if (enough > MAX_BUDGET / 2)
            return 0;
        enough *= 2;
    } while (is_too_short(free, policy, enough));
    while (enough - little > MAX(VS_USEC_PER_SEC, enough / 100)) {
        int64_t middle = little + (enough - little) / 2;

        if (is_too_short(free, policy, middle))
            little = middle;
        else
            enough = middle;
    }
    return (enough + VS_USEC_PER_SEC - 1) / VS_USEC_PER_SEC * VS_USEC_PER_SEC;
}

static void
note(VsShortage *shortage, const VsForecast *forecast, const VsForecast *free)
{
    unsigned n = free->own[VS_PACE_USUAL].n_guests;

    shortage->cut = g_new0(bool, n);
    shortage->end = g_new0(int64_t, n);
    for (unsigned i = 0; i < n; i++) {
        shortage->cut[i] = is_worse(forecast, free, i);
        shortage->end[i] = vs_forecast_outcome(free, VS_PACE_USUAL, i) == VS_OUTCOME_CLEAN
                               ? free->at[VS_PACE_USUAL]->results[i].end
                               : VS_USEC_INFINITY;
    }
}

void
vs_shortage_find(VsShortage *shortage, const VsForecast *forecast, const VsPolicy *policy,
                 int64_t budget, bool needed)
{
    const VsSimulation *run = &forecast->own[VS_PACE_USUAL];
    VsPolicy unlimited;
    VsForecast free;

    *shortage = (VsShortage){0};
    if ((budget == 0 && policy->budget == 0) || all_are_clean(forecast))
        return;
    vs_policy_copy(&unlimited, policy);
    unlimited.budget = 0;
    vs_forecast_make(&free, &unlimited, run->guests, run->n_guests, 0, false,
                     VS_PACE_USUAL_AT_BEST);
    if (any_is_worse(forecast, &free)) {
        note(shortage, forecast, &free);
        if (needed && run->n_guests <= MAX_GUESTS)
            shortage->needed = find_needed(&free, policy, budget > 0 ? budget : policy->budget);
    }
    vs_forecast_clear(&free);
    vs_policy_clear(&unlimited);
}

void
vs_shortage_clear(VsShortage *shortage)
{
    g_free(shortage->cut);
    g_free(shortage->end);
}

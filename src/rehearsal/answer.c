/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/answer.h"

#include "util/span.h"

/* What a destroy takes of a QEMU that is well. */
#define DESTROY_TIME VS_USEC_PER_SEC

static int64_t
later(int64_t time, int64_t span)
{
    return span > VS_USEC_INFINITY - time ? VS_USEC_INFINITY : time + span;
}

static bool
is_at_best(VsPace pace)
{
    return pace == VS_PACE_USUAL_AT_BEST || pace == VS_PACE_SLOWEST_AT_BEST;
}

/* A host that ends a guest doesn't ask it: where nobody has seen that, it goes as it mostly does.
 */
static int64_t
ended_at(const VsPast *past, VsPace pace, VsMethod method, int64_t now)
{
    const VsAnswer *answer = &past->answers[method];
    bool slowest = pace == VS_PACE_SLOWEST || pace == VS_PACE_SLOWEST_AT_BEST;

    if (pace == VS_PACE_NEVER)
        return vs_method_info(method)->effect == VS_EFFECT_FORCES ? later(now, VS_DESTROY_RESERVE)
                                                                  : VS_USEC_INFINITY;
    if (answer->n == 0)
        return later(now, DESTROY_TIME);
    return later(now, slowest ? answer->slowest.most : answer->usual.most);
}

static int64_t
obeys_at(const VsPast *past, VsPace pace, VsMethod method, int64_t first, int64_t now)
{
    const VsAnswer *answer = &past->answers[method];
    bool usual = pace == VS_PACE_USUAL || pace == VS_PACE_USUAL_AT_BEST;
    const VsAnswerTime *time = usual ? &answer->usual : &answer->slowest;

    if (pace == VS_PACE_NEVER)
        return VS_USEC_INFINITY;
    if (answer->n == 0)
        return is_at_best(pace) ? now : VS_USEC_INFINITY;
    if (is_at_best(pace))
        return later(now, time->least);
    return MAX(later(now, time->most), later(first, time->whole));
}

int64_t
vs_past_off_at(const VsPast *past, VsPace pace, VsMethod method, int64_t first, int64_t now)
{
    switch (vs_method_info(method)->effect) {
    case VS_EFFECT_ASKS:
    case VS_EFFECT_SAVES:
        return obeys_at(past, pace, method, first, now);
    case VS_EFFECT_ENDS:
    case VS_EFFECT_FORCES:
        return ended_at(past, pace, method, now);
    default:
        return VS_USEC_INFINITY;
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/who-asked.h"

#include "util/span.h"

static void
say(VsVerdict *verdict, VsCause cause, VsConfidence confidence)
{
    verdict->cause = cause;
    verdict->confidence = confidence;
}

static bool
stands(const VsAsked *asked, int64_t at)
{
    return asked->by != VS_ASKED_BY_NOBODY && at < asked->expires;
}

/* Monotonic µs: when the run's end began. Where nobody saw it, libvirt's own signal to a system
 * that was down already came right after that. */
static int64_t
began_to_end(const VsRun *run, const VsQemuLog *log)
{
    if (run->first_sign > 0)
        return MIN(run->first_sign, run->ended_mono); /* it may be told late */
    if (run->gap_at == 0 || log->libvirt_at == 0)
        return run->ended_mono;
    return run->ended_mono - CLAMP(run->ended_real - log->libvirt_at, 0, run->ended_mono);
}

/* Monotonic µs: as of when what was asked is looked at. What nobody saw began to end in the gap,
 * and there it stands as it stood when that began: whatever dates the end then, libvirt's return or
 * the signal that it has for such a guest, is any time later. */
int64_t
vs_who_asked_as_of(const VsRun *run, const VsQemuLog *log, bool seen)
{
    int64_t at = began_to_end(run, log);

    return seen || run->gap_at == 0 ? at : MIN(at, run->gap_at);
}

/* QEMU tells of every press, and before it tells what that brings: of one that it didn't tell of
 * the guest knew nothing, unless that was missed. */
static bool
was_untold(const VsRun *run)
{
    return run->has_qmp && !run->press_told;
}

/* ... and of our last press it tells by itself: where it did not, one before that was all that the
 * guest knew of. */
static bool
is_untold(const VsRun *run, const VsAsked *asked)
{
    return asked == &run->button && asked->by == VS_ASKED_BY_US && run->has_qmp &&
           asked->heard != VS_HEARD_YES;
}

static bool
came_too_late(const VsRun *run)
{
    return was_untold(run) && run->deaf_at < run->button.at;
}

/* Somebody may have pressed when nobody listened. */
static bool
may_have_missed_press(const VsRun *run, int64_t at)
{
    int64_t since = vs_run_watched_since(run);

    return since > 0 && at - since < VS_RUN_ASK_WINDOW;
}

static bool
is_far(const VsRun *run, const VsAsked *asked, int64_t at)
{
    int64_t took = at - asked->at - asked->still;

    return took > VS_RUN_NEAR && !vs_habit_fits(&run->habit, took);
}

/* The guest is known to have heard it, just before. */
static bool
was_heard(const VsRun *run, const VsAsked *asked, int64_t at)
{
    bool heard = asked->heard == VS_HEARD_YES || (asked == &run->agent && run->port_closed);

    return heard && !is_far(run, asked, at);
}

/* Of two that stand the later one, unless that is a press that QEMU didn't tell of, and the other
 * was heard. */
static bool
is_better(const VsRun *run, const VsAsked *asked, const VsAsked *other, int64_t at)
{
    if (is_untold(run, asked) && was_heard(run, other, at))
        return false;
    if (is_untold(run, other) && was_heard(run, asked, at))
        return true;
    return asked->at >= other->at;
}

/* So soon behind an answer that may be of a closed socket its guest is off, if it is. */
#define CUT_SPAN VS_USEC_PER_SEC

/* It took the answer along, for nothing else was asked of it since. */
static bool
was_cut(const VsRun *run, const VsAsked *asked, int64_t at)
{
    return asked->cut_at > 0 && at - asked->cut_at < CUT_SPAN && run->button.at < asked->cut_at &&
           run->request.at < asked->cut_at;
}

/* It stands, and the guest may have heard it. */
static bool
counts(const VsRun *run, const VsAsked *asked, int64_t at, bool seen)
{
    return stands(asked, at) && (asked->heard != VS_HEARD_NO || was_cut(run, asked, at)) &&
           !(asked == &run->button && seen && came_too_late(run));
}

/* Of the requests that count the best, and how many they are; NULL: there is none. */
static const VsAsked *
best_asked(const VsRun *run, int64_t at, bool seen, unsigned *ret_n)
{
    const VsAsked *requests[] = {&run->agent, &run->request, &run->button}, *best = NULL;

    *ret_n = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        if (!counts(run, requests[i], at, seen))
            continue;
        (*ret_n)++;
        if (!best || is_better(run, requests[i], best, at))
            best = requests[i];
    }
    return best;
}

/* A guest that takes its time is about the first that it heard, and another changes nothing; unless
 * that was many times as long ago, and was not obeyed. */
#define TIMES 3

static bool
may_be_about(const VsAsked *asked, const VsAsked *later, int64_t at)
{
    return asked->heard == VS_HEARD_YES && asked->at < later->at &&
           (at - asked->at) / TIMES < at - later->at;
}

/* What made it go down. */
static const VsAsked *
what_asked(const VsRun *run, int64_t at, bool seen, unsigned *ret_n)
{
    const VsAsked *best = best_asked(run, at, seen, ret_n);
    const VsAsked *other = best == &run->agent ? &run->button : &run->agent;

    if (best && is_far(run, best, at) && counts(run, other, at, seen) &&
        may_be_about(other, best, at))
        return other;
    return best;
}

/* The agent may have hung, or was gone. One that goes down closes its port. */
static bool
may_be_unheard(const VsRun *run, const VsAsked *asked)
{
    return asked == &run->agent && asked->heard != VS_HEARD_YES && !run->port_closed;
}

/* Somebody else's agent request leaves no sign. */
static void
judge_unasked(const VsRun *run, int64_t at, bool seen, VsConfidence confidence, VsVerdict *ret)
{
    bool missed = may_have_missed_press(run, at);

    say(ret, VS_CAUSE_GUEST_INITIATED,
        run->agent_seen || missed ? VS_CONFIDENCE_LIKELY : confidence);
    ret->watched_since = seen && missed ? vs_run_watched_since(run) : 0;
}

/* The guest's system came down in order: who had asked it to? Where two had asked, or the asking or
 * the power-off itself is inferred, or what was asked is only near in time, it is likely only. */
void
vs_who_asked_judge(const VsRun *run, const VsQemuLog *log, bool seen, VsVerdict *ret)
{
    int64_t at = vs_who_asked_as_of(run, log, seen);
    unsigned n;
    const VsAsked *asked = what_asked(run, at, seen, &n);
    VsConfidence confidence =
        seen && run->shutdown_exact ? VS_CONFIDENCE_CERTAIN : VS_CONFIDENCE_LIKELY;
    bool far = asked && is_far(run, asked, at);

    if (n > 1 || far || (asked && (asked->doubtful || may_be_unheard(run, asked))))
        confidence = VS_CONFIDENCE_LIKELY;
    ret->asked_before = seen && far ? at - asked->at : 0;
    if (!asked)
        judge_unasked(run, at, seen, confidence, ret);
    else if (asked == &run->button)
        say(ret, VS_CAUSE_POWER_BUTTON,
            was_untold(run) || is_untold(run, asked) || asked->by == VS_ASKED_BY_LIBVIRT
                ? VS_CONFIDENCE_LIKELY
                : confidence);
    else
        say(ret, asked == &run->agent ? VS_CAUSE_GUEST_AGENT : VS_CAUSE_GUEST_REQUEST, confidence);
}

bool
vs_who_asked_by_habit(const VsRun *run)
{
    unsigned n;
    const VsAsked *asked = best_asked(run, run->first_sign, true, &n);

    return run->shutdown == VS_SHUTDOWN_REASON_GUEST && asked &&
           is_far(run, asked, run->first_sign);
}

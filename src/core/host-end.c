/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/host-end.h"

#include <glib.h>

static int64_t
earlier(int64_t one, int64_t other)
{
    return one == 0 || other == 0 ? MAX(one, other) : MIN(one, other);
}

/* When virtstopd watched nobody any more, or nothing is left of what it saw; 0: it did to the end.
 */
static int64_t
left_at(const VsHostEnd *end, const VsLastSeen *seen)
{
    int64_t ended_at = earlier(seen->ended_at, end->unattended_at);

    return seen->copied_at > 0 ? earlier(ended_at, seen->noted_at) : ended_at;
}

/* Then it did not fail. Of a virtstopd that ended as the host went down nobody knows whether that
 * came to its end, but it had no guests left to watch, or had given them up. */
static bool
went_down(const VsHostEnd *end, const VsLastSeen *seen)
{
    return end->in_order || (left_at(end, seen) > 0 && (seen->going_down || end->going_down));
}

/* As long as virtstopd ran, and libvirt was there, an end of the guest would have been seen. */
static bool
was_watched(const VsHostEnd *end, const VsLastSeen *seen)
{
    return left_at(end, seen) == 0 && seen->unwatched_at == 0;
}

static void
say(VsVerdict *ret, VsCause cause, VsConfidence confidence)
{
    *ret = (VsVerdict){.cause = cause, .confidence = confidence, .clean = vs_cause_clean(cause)};
}

void
vs_host_end_judge(const VsHostEnd *end, const VsLastSeen *seen, VsVerdict *ret, bool *ret_shutdown)
{
    *ret_shutdown = went_down(end, seen) || seen->going_down || end->going_down;
    if (went_down(end, seen) || (left_at(end, seen) > 0 && !end->traced))
        say(ret, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    else if (was_watched(end, seen) && end->traced)
        say(ret, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_CERTAIN);
    else
        say(ret, VS_CAUSE_HOST_FAILURE, VS_CONFIDENCE_LIKELY);
}

/* Nobody who watched noted its end: it ran at the host's last sign. */
static int64_t
last_sign(const VsHostEnd *end, const VsLastSeen *seen)
{
    int64_t last = end->traced ? end->last : 0;

    if (!was_watched(end, seen))
        return earlier(left_at(end, seen), seen->unwatched_at);
    if (last > 0 && seen->noted_at > MAX(end->back, end->found))
        return last; /* the clock was wrong as that was noted */
    return MAX(seen->noted_at, last);
}

VsWindow
vs_host_end_window(const VsHostEnd *end, const VsLastSeen *seen)
{
    VsWindow window = {.from = last_sign(end, seen)};

    if (window.from <= end->back)
        window.until = end->back;
    else if (window.from <= end->found)
        window.until = end->found;
    return window;
}

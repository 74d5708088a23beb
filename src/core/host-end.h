/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/absence.h"
#include "core/verdict.h"

/* A boot of the host that is over, and what that says of a guest that ran in it and has no record.
 * All times: realtime µs, 0: not known, or never. */

/* How that boot ended. */
typedef struct VsHostEnd {
    bool traced;           /* its journal is there: */
    int64_t last;          /* its last entry */
    bool in_order;         /* it tells that the host went down to its end; */
    bool going_down;       /* ... that it had begun to */
    int64_t unattended_at; /* it tells that virtstopd ended then, and was not started again */
    int64_t back;          /* when the host was up again, ... */
    int64_t found;         /* ... and virtstopd with it, which found that out */
} VsHostEnd;

/* What was noted in it of a guest that ran. */
typedef struct VsLastSeen {
    int64_t noted_at;     /* when that was written */
    int64_t ended_at;     /* virtstopd ended in order then, and watched nobody any more */
    int64_t unwatched_at; /* libvirt was away since then */
    int64_t copied_at; /* the note was put there later, from a copy: what came after it is lost */
    bool going_down;   /* the host was about to go down */
} VsLastSeen;

/* @ret_shutdown: whether the host was going down. */
void vs_host_end_judge(const VsHostEnd *end, const VsLastSeen *seen, VsVerdict *ret,
                       bool *ret_shutdown);

VsWindow vs_host_end_window(const VsHostEnd *end, const VsLastSeen *seen);

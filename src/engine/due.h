/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What a stop is to do next. */
typedef enum VsDue {
    VS_DUE_NOTHING,
    VS_DUE_HOOKS,      /* the hooks before the first step are run */
    VS_DUE_PREPARED,   /* ... and are over */
    VS_DUE_BEGIN,      /* the step that it stands at, or a resume before it */
    VS_DUE_RESUMED,    /* the guest runs, or won't */
    VS_DUE_INTERRUPT,  /* what keeps the guest from hearing its step is done away with */
    VS_DUE_GO_ON,      /* nothing keeps it any more */
    VS_DUE_ASK_WHY,    /* why it is paused isn't known */
    VS_DUE_CALL,       /* its intent is kept, or can't be: the call is made */
    VS_DUE_CALL_AGAIN, /* the call was lost */
    VS_DUE_PROBE,      /* the call isn't answered: is libvirt there at all? */
    VS_DUE_ASK_JOB,    /* ... or is it that a job holds the guest? */
    VS_DUE_PRESS,
    VS_DUE_ASK_AGAIN, /* it rebooted, and is up again */
    VS_DUE_WATCH,     /* what the guest does is looked at */
    VS_DUE_SETTLED,   /* whether the agent heard shows now */
    VS_DUE_DEADLINE,
    VS_DUE_LAST_STEP, /* its own budget is over */
    VS_DUE_CLEANING,  /* libvirt takes long to clean up after it: say so, and see */
    VS_DUE_REAP,      /* the process stays */
} VsDue;

/* The one place that says what is due for @guest's stop, and when (monotonic µs): the timer and the
 * deed both ask here. */
VsDue vs_due_next(const VsEngine *engine, const VsGuest *guest, int64_t *ret_at);

/* Whether its next press was due while libvirt was away. */
bool vs_due_missed_press(const VsEngine *engine, const VsGuest *guest);

/* Whether the step that it stands at was never taken with the guest, as far as is known: libvirt
 * was away, or is. */
bool vs_due_is_unreached(const VsEngine *engine, const VsGuest *guest);

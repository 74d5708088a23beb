/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"
#include "core/labels.h"
#include "core/run.h"
#include "engine/revival.h"
#include "engine/stop.h"

/* How far the reading of a guest's description has come. It is of one run. */
typedef struct VsReading {
    bool known;          /* it was read since the run began, by us or by a daemon before us */
    bool awaited;        /* an answer is still to come, or never will */
    bool witnessed;      /* the run's evidence says that it wasn't known */
    uint64_t asked;      /* serial of the last question; 0: none */
    uint64_t agent_told; /* by the engine's count of steps: when an event last told of the agent */
    int64_t asked_at;    /* monotonic µs; before the first question: when the run began */
    int64_t again_at;    /* monotonic µs: it is asked for again then; VS_USEC_INFINITY: it isn't */
    int64_t pause;       /* µs: that was so long after the answer */
    char *why_not;       /* why it could not be read; NULL: it could, or that isn't said yet */
} VsReading;

/* What is kept of something for a restart. */
typedef struct VsKept {
    uint64_t asked;    /* serial of the action that asked for it last */
    uint64_t answered; /* that of the last one that was answered: it is on disk, or ... */
    char *why;         /* ... isn't, for this reason; NULL: it is */
} VsKept;

/* The picture of one domain: what it is, its run while it has one, its stop while one is in flight.
 */
typedef struct VsGuest {
    VsDomainId domain;
    VsDomainState state;
    int state_reason;    /* as libvirt numbers those of the state; -1: not known */
    int64_t state_since; /* monotonic µs: it is known to be in it */
    int64_t state_asked; /* monotonic µs: when libvirt was asked for that reason; 0: it wasn't */
    bool persistent;
    VsDescription description;
    VsOwner owner; /* as found last, also of a run before */
    VsReading reading;
    VsLabels *labels; /* what its XML says of its policy, as far as it was read since its definition
                         changed last; NULL: not known */
    VsRun *run;       /* NULL: off */
    VsStop *stop;     /* NULL: none in flight */
    VsRevival revival;
    int turn; /* its number in the host stop's schedule; -1: it has none */

    /* What is known of it, by the engine's count of steps. */
    uint64_t seen;     /* when an event last told of this guest's life: a list that was asked for
                          earlier knows less */
    uint64_t informed; /* when the newest question that libvirt answered about it was asked */
    uint64_t alive;    /* when it was last known to run, by whatever told it */

    /* The engine's own. */
    bool defined;      /* it was in a list, or looked up: whether it is persistent is known */
    bool gone;         /* libvirt no longer has it; removed when its record is made */
    uint64_t starting; /* the number of our call that starts it again, until that has failed, or its
                          STARTED is told; 0: there is none */
    bool set_clock;    /* when its agent is there: it is started again */
    bool left;         /* by a stop that is over: it is not asked again while the host goes down */
    bool again; /* it runs anew, as a list said, and has no run here yet: the record of the one
                   before comes first */
    int64_t owed_until; /* monotonic µs: a STOPPED that comes before is of a run that was found
                           gone, and has its record; 0: none is owed */
    int past_id;        /* of the run that had its record last, */
    uint64_t past_step; /* ... in that step, */
    bool past_told;     /* ... and its STOPPED was told */
    int overtaken_id;   /* of a run before this one that is told of only now; 0: none is */
    uint64_t overtaken_step;
    int64_t overtaken_at; /* realtime µs: when that was told */
    VsKept kept;
    bool taken_over; /* from a daemon before us, and not seen since */
    bool touched, unsaved, changed;
    int64_t heard_until; /* monotonic µs: what it said so far is paid for until then, see
                            vs_engine_heard() */
    int64_t save_at;     /* monotonic µs: then what it said meanwhile is kept; 0: it is */
    unsigned slot;       /* in the agenda, see there */
    int64_t due;         /* monotonic µs */
} VsGuest;

/* What holds for @guest where the request doesn't say. */
void vs_guest_policy(const VsGuest *guest, const VsPolicy *policy, VsGuestPolicy *ret);

/* Why what its XML says isn't known; NULL: it is, or is about to be. */
const char *vs_guest_why_unknown(const VsGuest *guest);

/* Whether its agent was seen after that step of the engine. */
bool vs_guest_is_up_since(const VsGuest *guest, uint64_t step);

/* Whether a stop of it has anything to do: it runs, or its stop isn't over. */
bool vs_guest_can_be_stopped(const VsGuest *guest);

/* Why @method can't work on @guest, known without trying; NULL where it may. */
const char *vs_guest_why_not(const VsGuest *guest, VsMethod method);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"
#include "core/run.h"
#include "engine/stop.h"

/* The picture of one domain: what it is, its run while it has one, its stop while one is in flight.
 */
typedef struct VsGuest {
    VsDomainId domain;
    VsDomainState state;
    VsAgentState agent;
    bool persistent;
    bool no_acpi;
    VsOnPoweroff on_poweroff;
    VsRun *run;   /* NULL: off */
    VsStop *stop; /* NULL: none in flight */
    int turn;     /* its number in the host stop's schedule; -1: it has none */

    /* What is known of it, by the engine's count of steps. */
    uint64_t seen;  /* when an event last told of this guest's life: a list that was asked for
                       earlier knows less */
    uint64_t alive; /* when it was last known to run, by whatever told it */

    /* The engine's own. */
    bool defined;   /* it was in a list, or looked up: persistent and agent are known */
    bool gone;      /* libvirt no longer has it; removed when its record is made */
    bool starting;  /* it is being started again by us */
    bool set_clock; /* when its agent is there: it was started again */
    bool left;      /* by a stop that is over: it is not asked again while the host goes down */
    bool again;     /* it runs anew, as a list said, and has no run here yet: the record of the one
                       before comes first */
    int64_t owed_until; /* monotonic µs: a STOPPED that comes before is of a run that was found
                           gone, and has its record; 0: none is owed */
    bool taken_over;    /* from a daemon before us, and not seen since */
    bool touched, unsaved, changed;
    int64_t heard_until; /* monotonic µs: what it said so far is paid for until then, see
                            vs_engine_heard() */
    int64_t save_at;     /* monotonic µs: then what it said meanwhile is kept; 0: it is */
    unsigned slot;       /* in the agenda, see there */
    int64_t due;         /* monotonic µs */
} VsGuest;

/* Why @method can't work on @guest, known without trying; NULL where it may. */
const char *vs_guest_why_not(const VsGuest *guest, VsMethod method);

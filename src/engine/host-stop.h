/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/event.h"
#include "core/ladder.h"
#include "core/part.h"
#include "schedule/schedule.h"
#include "util/json.h"

/* The stop of all guests, or of a part: who asked for it, how, until when, and what ran. The stops
 * of the guests name it. It outlives its own end, and the host's boot, for as long as guests are to
 * be started again.
 *
 *     TAKEN_OVER ──> STOPPING ──> LAST_CALL ──> GIVEN_UP
 *                       │             │            │
 *                       └─────────────┴──────> OVER, CALLED_OFF ──> RESTORING
 *
 * Only vs_host_stop_set_phase() changes the phase. */

typedef enum VsHostStopPhase {
    VS_HOST_STOP_TAKEN_OVER, /* from a daemon before us: who takes part shows when libvirt is there
                              */
    VS_HOST_STOP_STOPPING,   /* each takes its turn */
    VS_HOST_STOP_LAST_CALL,  /* the time is all but over, and nobody waits for a turn any more */
    VS_HOST_STOP_GIVEN_UP,   /* ... and over: nothing is waited for any more */
    VS_HOST_STOP_OVER,       /* all are off, or left running */
    VS_HOST_STOP_CALLED_OFF,
    VS_HOST_STOP_RESTORING, /* what ran is being started again */
    VS_N_HOST_STOP_PHASES
} VsHostStopPhase;

const char *vs_host_stop_phase_name(VsHostStopPhase phase); /* "stopping", "last-call", ... */

typedef struct VsHostStop {
    VsUuid id;
    VsHostStopPhase phase;

    /* How it was asked for: it holds for those who join, too. */
    int64_t asked_real; /* realtime µs */
    VsRequester by;
    bool by_known;
    char *reason;    /* or NULL */
    bool has_ladder; /* else each has its own */
    VsLadder ladder;
    bool shutdown;   /* the host itself goes down */
    VsHostKind kind; /* what it is part of */
    bool early;      /* ... and guests that somebody else manages are still left to that one */
    bool wanted_off; /* somebody calls it off */
    unsigned
        n_requests; /* how often it was asked for, since this daemon runs: the last one holds */
    VsPart *part;   /* whom it is about; NULL: all */

    /* How long it may take; monotonic µs. */
    int64_t deadline;     /* VS_USEC_INFINITY: no limit */
    int64_t last_call_at; /* from then on there is time for a destroy only */
    bool limited;         /* the deadline comes from a budget, not from what takes part */

    /* Whose turn it is: STOPPING to GIVEN_UP. */
    VsSchedule *schedule;
    GPtrArray *guests; /* VsGuest, by its number in the schedule; NULL: done */
    char *last_done;   /* the name of the guest that was done last; NULL: none, or not known */
    int64_t judged_by; /* monotonic µs: whether a guest takes part isn't known yet, and is decided
                          then by what is; 0: it is of all */
    int64_t turn_by;   /* monotonic µs: the first of those that wait for a turn doesn't then, for
                          the time of another host stop; VS_USEC_INFINITY: none */

    /* What is to be started again. */
    bool wanted_back;    /* somebody asked for that, and it is, or comes to be, its turn */
    GPtrArray *ran;      /* as in engine/ran.h */
    GPtrArray *failed;   /* those of them that could not be started */
    int64_t known_until; /* monotonic µs: CALLED_OFF: one that begins before still knows what ran */
} VsHostStop;

VsHostStop *vs_host_stop_new(VsUuid id, int64_t real);
void vs_host_stop_free(VsHostStop *host_stop);
void vs_host_stop_set_phase(VsHostStop *host_stop, VsHostStopPhase phase);

/* Whether guests are still being stopped for it. */
bool vs_host_stop_is_in_flight(const VsHostStop *host_stop);

/* Of one that is over only what ran is worth keeping. */
bool vs_host_stop_is_worth_keeping(const VsHostStop *host_stop);

/* Whether that guest is meant by it. @labels: NULL, where they aren't known. */
bool vs_host_stop_means(const VsHostStop *host_stop, const VsPolicy *policy,
                        const VsDomainId *domain, const VsLabels *labels);

/* All that are kept, as text for a daemon that comes after this one; NULL: nothing is. The caller
 * owns it. */
char *vs_host_stops_to_text(const GPtrArray *host_stops);

/* Adds what @text tells to @host_stops (of VsHostStop). @same_boot: the host has not booted since;
 * else only what ran counts. False with @error where it can't be read: nothing is added. */
bool vs_host_stops_from_text(GPtrArray *host_stops, const char *text, bool same_boot,
                             GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/ladder.h"
#include "core/record.h"
#include "util/json.h"

/* One guest's stop in flight: the ladder, where on it the guest is, and what each step came to. */

typedef enum VsStopPhase {
    VS_PHASE_QUEUED,    /* of a host stop: its turn has not come */
    VS_PHASE_WAITING,   /* libvirt is away, or too busy: the step is taken when it is back */
    VS_PHASE_RESUMING,  /* a paused guest is let run, so that it can be asked */
    VS_PHASE_ASKED,     /* the step was taken, the guest has until the deadline */
    VS_PHASE_GOING_OFF, /* its system is down, the hypervisor process is being reaped */
    VS_PHASE_OFF,       /* off; the record is being made */
    VS_N_PHASES
} VsStopPhase;

const char *vs_stop_phase_name(VsStopPhase phase); /* "waiting", "resuming", "asked", ... */

/* What a step taken came to. */
typedef struct VsStepTaken {
    VsMethod method;
    int64_t started; /* realtime µs */
    int64_t since;   /* monotonic µs */
    int64_t took;    /* µs; -1 while it lasts */
    char *result;    /* "went down", "no agent channel", "deadline", ...; NULL while it lasts */
} VsStepTaken;

typedef struct VsStop {
    VsUuid id;
    VsLadder ladder;
    unsigned step; /* index in the ladder */
    VsStopPhase phase;
    int64_t asked_real; /* realtime µs: when the stop was asked for */
    int64_t asked_mono; /* the same, monotonic */
    int64_t deadline;   /* monotonic µs: of the step, or of the resume */
    int64_t reap_until; /* monotonic µs: GOING_OFF: what the reaping may take */
    unsigned presses;   /* of this step, so far */
    bool press_failed;  /* ... one of them, in a way that a guest going off explains */
    int64_t next_press; /* monotonic µs; VS_USEC_INFINITY: none */
    uint64_t call;      /* the step's call that isn't answered yet; 0: none */
    int64_t held_since; /* monotonic µs: ... and could not be made yet since then; 0: it was made */
    int64_t retry_at;   /* monotonic µs: a call that was lost isn't made again before */
    bool answered;      /* the step's call needn't be made again after a break */
    bool destroying;    /* destroy was called */
    bool still_there;   /* ... and left the process there */
    int64_t until; /* monotonic µs: its share of the host's budget ends, each step is shortened
                      for it; 0: none */
    int64_t host_deadline; /* monotonic µs: when all of the host's guests have to be off; 0: this is
                              no part of a host stop */
    bool host_down;        /* ... and the host itself goes down */
    bool queued;           /* ... and its turn has not come, whatever it does meanwhile */
    bool adopted;          /* made up from a trace's calls: it has no ladder, and decides nothing */
    VsRequester by;
    bool by_known;
    char *reason;     /* or NULL */
    GPtrArray *taken; /* of VsStepTaken */
} VsStop;

VsStop *vs_stop_new(VsUuid id, const VsLadder *ladder, VsTime now);
void vs_stop_free(VsStop *stop);

/* The step that the stop stands at; NULL behind the last one. */
const VsStep *vs_stop_step(const VsStop *stop);

/* The phase as it is told: one whose call could not be made yet waits. */
VsStopPhase vs_stop_phase(const VsStop *stop);

/* Of the step that was begun last, which there has to be. */
VsMethod vs_stop_last_method(const VsStop *stop);

/* Begins and ends the entry of a step. Ending one that has ended changes nothing. */
void vs_stop_begin_step(VsStop *stop, VsMethod method, VsTime now);
void vs_stop_end_step(VsStop *stop, const char *result, VsTime now);

/* The record's "request": who asked, why, how it came out, what each step came to. The caller owns
 * it. */
json_object *vs_stop_request(const VsStop *stop, VsOutcome outcome);

/* The stop's state for a restart of the daemon, and back (NULL where it isn't one). */
json_object *vs_stop_to_json(const VsStop *stop);
VsStop *vs_stop_from_json(json_object *object);

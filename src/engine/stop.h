/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/ladder.h"
#include "core/record.h"
#include "core/run.h"
#include "util/json.h"

/* One guest's stop in flight: the ladder, where on it the guest is, and what each step came to.
 *
 *     PREPARING <──> WAITING (where there are hooks)
 *
 *     QUEUED ──────> WAITING ──> RESUMING ──┐
 *        (its turn)     │ ^                 v
 *                       │ └────────────── ASKED <──> SETTLING
 *                       │  (next step)      │
 *                       └──> DESTROYING <───┤
 *                                 │         v
 *                                 │     GOING_OFF ──> ASKED, WAITING, QUEUED (it rebooted)
 *                                 │         v
 *                                 │     CLEANING_UP (for long) ──> DESTROYING
 *                                 v         v
 *                                 OFF <─────┘
 *
 * A stop ends from any phase: it is called off, the ladder is over, or the guest's record is made.
 * Only vs_stop_set_phase() changes the phase, and clears what the new one has no use for. */

typedef enum VsStopPhase {
    VS_PHASE_QUEUED,      /* of a host stop: its turn has not come */
    VS_PHASE_PREPARING,   /* hooks run, for which the first step waits */
    VS_PHASE_WAITING,     /* the step it stands at is taken as soon as libvirt can be asked */
    VS_PHASE_RESUMING,    /* a paused guest is let run, or one that sleeps is woken, to be asked */
    VS_PHASE_ASKED,       /* the step was taken, the guest has until the deadline */
    VS_PHASE_SETTLING,    /* the same; whether its agent heard shows within moments */
    VS_PHASE_DESTROYING,  /* its hypervisor process is being ended */
    VS_PHASE_GOING_OFF,   /* its system is down, the process is being reaped */
    VS_PHASE_CLEANING_UP, /* ... and libvirt takes long over that: a hook of its, mostly */
    VS_PHASE_OFF,         /* off; the record is being made */
    VS_N_PHASES
} VsStopPhase;

const char *vs_stop_phase_name(VsStopPhase phase); /* "waiting", "resuming", "asked", ... */

/* The call that a phase has made. */
typedef enum VsCallState {
    VS_CALL_NONE,
    VS_CALL_INTENT,      /* it is made as soon as what is kept for a restart says so */
    VS_CALL_HELD,        /* it can't be made yet: all who could make it are busy */
    VS_CALL_MADE,        /* it is on its way, or under way */
    VS_CALL_LOST,        /* the connection broke, or a daemon before us ended: it is made again */
    VS_CALL_REFUSED,     /* libvirt says that it can't be done; until the stop moves on for that */
    VS_CALL_ANSWERED,    /* it needn't be made again */
    VS_CALL_STILL_THERE, /* a destroy's: libvirt says done, yet the process is still there */
    VS_N_CALL_STATES
} VsCallState;

typedef struct VsCall {
    VsCallState state;
    VsMethod method;
    uint64_t id;       /* INTENT, HELD, MADE: its number, which the answer has, too */
    uint64_t intent;   /* INTENT: what is to be kept before, by its serial: of the guest, */
    uint64_t of_host;  /* ... and of the host stops */
    unsigned attempt;  /* of the run, that it was made in */
    bool repeated;     /* whether the same call before it was made isn't known: it was lost */
    int64_t since;     /* monotonic µs: when it came to be in that state */
    int64_t job_asked; /* monotonic µs: when libvirt was asked which job keeps it from being done;
                          0: it wasn't */
    uint64_t job_question; /* ... the last time by that serial; */
    bool job_told;         /* ... that was answered, */
    bool job_holds;        /* ... and one does */
    int64_t waited;   /* µs: it was held so long, or libvirt was silent, before it got through, and
                         that isn't reckoned with yet */
    int code;         /* REFUSED: virErrorNumber */
    int64_t took;     /* REFUSED: µs that libvirt took */
    VsAgentWoke woke; /* REFUSED, by its agent */
    char *message;    /* REFUSED, ANSWERED: what libvirt said; or NULL */
} VsCall;

/* Whether its answer is still to come. */
bool vs_call_is_out(const VsCall *call);

/* It is none, then. */
void vs_call_clear(VsCall *call);

/* What a step taken came to. */
typedef struct VsStepTaken {
    VsMethod method;
    int64_t started; /* realtime µs */
    int64_t since;   /* monotonic µs */
    int64_t took;    /* µs; -1 while it lasts */
    char *result;    /* "went down", "no agent channel", "deadline", ...; NULL while it lasts */
} VsStepTaken;

/* What somebody asked of a stop in flight; done, and cleared, when it moves next. */
typedef enum VsWish {
    VS_WISH_NONE,
    VS_WISH_CANCEL,
    VS_WISH_ESCALATE,
} VsWish;

/* What keeps the guest from hearing, or doing, what the step asks for, though it was begun. */
typedef enum VsInterruption {
    VS_INTERRUPTED_NOT,
    VS_INTERRUPTED_BY_STATE, /* the guest is paused, or sleeps */
    VS_INTERRUPTED_BY_JOB,   /* another job holds the domain: libvirt lets nobody press */
    VS_N_INTERRUPTIONS
} VsInterruption;

/* What a guest that was asked was seen to do, see engine/watch.h. */
typedef struct VsWatch {
    int64_t asked_at; /* monotonic µs: when its figures were last asked for; 0: never */
    int64_t at;       /* monotonic µs: when they last came; 0: never */
    VsStats last;     /* those */
    int64_t still;    /* µs: so long it has done nothing, and may have halted */
    bool writes;      /* between the last two it wrote hard */
    int64_t granted;  /* µs that it got more for that, all in all */
} VsWatch;

/* Of the hooks that run before the first step. */
typedef enum VsPreparation {
    VS_PREPARATION_NONE,    /* they were not run */
    VS_PREPARATION_INTENT,  /* PREPARING: they are run as soon as what is kept says so */
    VS_PREPARATION_RUNNING, /* PREPARING */
    VS_PREPARATION_OVER,    /* they ran, or it isn't known, and they don't run again */
} VsPreparation;

typedef struct VsStop {
    VsUuid id;
    VsRequester by;
    bool by_known;
    VsRequester off_by; /* who calls it off; */
    bool off_by_known;  /* ... it isn't, or nobody does */
    char *reason;       /* or NULL */
    char *unkept;       /* why a call was made though its intent was not on disk; NULL: none was */
    int64_t asked_real; /* realtime µs: when the stop was asked for */
    int64_t asked_mono; /* the same, monotonic */

    /* Where it stands. */
    VsLadder ladder;
    bool
        by_policy; /* that is its guest's own: until the first step it becomes what is known then */
    unsigned step; /* index in the ladder */
    VsStopPhase phase;
    int64_t since;    /* monotonic µs: in that phase */
    unsigned attempt; /* of the run's attempts, the one that it knows of */
    VsWish wish;
    VsPreparation preparation;
    uint64_t prepared_by; /* PREPARING: what is to be kept before, by its serial */
    GPtrArray *taken;     /* of VsStepTaken */
    VsCall call;          /* RESUMING to OFF */
    uint64_t checked;  /* CLEANING_UP: the step of the engine in which libvirt was asked whether it
                          is  still there; 0: it was not */
    int64_t deadline;  /* monotonic µs: PREPARING: of the hooks, or of their
                         intent; RESUMING to CLEANING_UP: of the resume, or of the step */
    int64_t more;      /* µs: that somebody gave the step beyond its span */
    unsigned presses;  /* RESUMING, ASKED: of the power button, so far */
    unsigned failures; /* ASKED: of them in a way that a guest going off explains */
    unsigned retries;  /* how often it was asked again, as it had rebooted instead */
    uint64_t rebooted; /* ASKED: it did so in that step of the engine (1: before a restart of the
                          daemon), and was not asked since: it is at next_at, or when it is up; 0:
                          else */
    int64_t boots;     /* µs: ASKED: it rebooted, and nothing tells when it is up: that long after
                          the last press it is pressed again; 0: that isn't so */
    int64_t next_at; /* monotonic µs: RESUMING, ASKED: the next press, or request; SETTLING: it has
                        shown then; WAITING: whether libvirt lets it run again has.
                        VS_USEC_INFINITY: none */

    /* What keeps the guest from being asked just now, see engine/detour.h. */
    VsInterruption interrupted; /* RESUMING, ASKED: the step */
    unsigned freed;             /* RESUMING, ASKED: how often the step had its time anew for that */
    uint32_t passed; /* bits: the ladder's steps that were passed over, and may be taken yet */

    VsWatch watch;
    bool halted; /* its system halted without powering off */

    VsOutcome outcome; /* OFF, with a record that is being written: what it came to */

    /* As a part of a host stop. */
    VsUuid host_stop; /* its id; "": it is no part of one */
    char
        *waited_for; /* the name of the guest that had to be off before its turn came; NULL: none */
    int64_t until;   /* monotonic µs: its share of the time for all is over then; 0: its turn has
                        not come. Of one that is no part: its own budget is over; 0: it has none */
    int64_t no_later; /* monotonic µs: ... and at the latest, whatever the time for all becomes:
                         that of another host stop, which it was asked for by, too, is over.
                         VS_USEC_INFINITY: none */
    int64_t turn_by;  /* monotonic µs: QUEUED: for that it doesn't wait any longer then */
} VsStop;

VsStop *vs_stop_new(VsUuid id, const VsLadder *ladder, VsTime now);
void vs_stop_free(VsStop *stop);

/* Its call got through only now: it was held, or libvirt or QEMU was silent. What that took is
 * reckoned with when the stop moves. */
void vs_stop_got_through(VsStop *stop, VsRun *run, VsTime now);

/* ... by what the guest did, or libvirt answered: where that took so long that it counts. */
void vs_stop_may_have_got_through_late(VsStop *stop, VsRun *run, VsTime now);

/* The only way to another phase. */
void vs_stop_set_phase(VsStop *stop, VsStopPhase phase, VsTime now);

/* The step that the stop stands at; NULL behind the last one. */
const VsStep *vs_stop_step(const VsStop *stop);

/* Whether it waits for its turn in a host stop, whatever its guest does meanwhile. */
bool vs_stop_is_queued(const VsStop *stop);
bool vs_stop_is_of_host_stop(const VsStop *stop);

/* Whether its call is that of the step that it stands at. */
bool vs_stop_has_step_call(const VsStop *stop);

/* Whether its step's presses are all made, and QEMU told of the last: whatever became of libvirt's
 * answer. */
bool vs_stop_is_all_heard(const VsStop *stop, const VsRun *run);

/* Whether there still is something to decide. */
bool vs_stop_can_be_steered(const VsStop *stop);

/* The phase as it is told: one whose call could not be made yet waits. */
VsStopPhase vs_stop_phase(const VsStop *stop);

/* Of the step that was begun last; NULL: none was. */
VsStepTaken *vs_stop_last_taken(const VsStop *stop);

/* Monotonic µs: since when it stands at that step, however often it was asked by it. */
int64_t vs_stop_step_since(const VsStop *stop);

/* How often in a row the step that it stands at was broken off, if it is so now; else 0. */
unsigned vs_stop_n_broken(const VsStop *stop);

/* Begins and ends the entry of a step. Ending one that has ended changes nothing. */
void vs_stop_begin_step(VsStop *stop, VsMethod method, VsTime now);
void vs_stop_end_step(VsStop *stop, const char *result, VsTime now);

/* What is wrong with @stop, which can't be; NULL: nothing. Tests ask after every step. */
const char *vs_stop_complaint(const VsStop *stop);

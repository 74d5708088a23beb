/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/absence.h"
#include "core/circumstances.h"
#include "core/event.h"
#include "core/evidence.h"
#include "core/habit.h"
#include "util/json.h"
#include "util/uuid.h"

/* One run of a domain, from its start to its stop: the evidence as it came in, and the facts that
 * the classifier reads out of it. Facts belong to an attempt to end the run and are forgotten when
 * the guest reboots or resumes; the evidence stays. */

/* How long a press of the power button by somebody else, whose deadline isn't known, explains a
 * power-off, or a request of ours that a process is gone and nobody saw how. So long a run must
 * have been watched before it is certain that nobody asked. */
#define VS_RUN_ASK_WINDOW (INT64_C(600) * 1000 * 1000)

/* In that time a system is down that obeys. Later, whatever was asked of it before is only near in
 * time: somebody else, or the guest itself, may have done it. */
#define VS_RUN_NEAR (INT64_C(10) * 1000 * 1000)

/* What the first SHUTDOWN said. */
typedef enum VsShutdownReason {
    VS_SHUTDOWN_REASON_NONE,        /* no SHUTDOWN was seen */
    VS_SHUTDOWN_REASON_GUEST,       /* guest-shutdown, or only "guest" */
    VS_SHUTDOWN_REASON_GUEST_RESET, /* it rebooted, and on_reboot ends it */
    VS_SHUTDOWN_REASON_GUEST_PANIC,
    VS_SHUTDOWN_REASON_HOST_SIGNAL,
    VS_SHUTDOWN_REASON_HOST_QUIT, /* host-qmp-quit, host-ui */
    VS_SHUTDOWN_REASON_HOST_ERROR,
    VS_SHUTDOWN_REASON_HOST, /* only "host": no more is known */
} VsShutdownReason;

/* Who asked the guest to go down, as far as is known. */
typedef enum VsAsker {
    VS_ASKED_BY_NOBODY,
    VS_ASKED_BY_SOMEBODY,
    VS_ASKED_BY_LIBVIRT, /* itself, as the host goes down */
    VS_ASKED_BY_US,      /* this daemon, whoever else did, too */
} VsAsker;

/* Whether what it was asked came to the guest: of a press QEMU tells that, of an agent's request
 * libvirt's answer. */
typedef enum VsHeard {
    VS_HEARD_PERHAPS,
    VS_HEARD_YES,
    VS_HEARD_NO,
} VsHeard;

typedef struct VsAsked {
    VsAsker by;
    bool doubtful; /* it isn't sure that the request reached the guest, or still stood */
    VsHeard heard;
    uint64_t call;   /* ours: the number of its call, which its answer has, too */
    bool again;      /* ours: one before it stood then, which the guest may have heard */
    int64_t first;   /* monotonic µs: ours: when the first that stood then was sent on its way, */
    int64_t at;      /* ... and the last one came, as far as is known */
    int64_t expires; /* monotonic µs: from then on it explains nothing any more */
    int64_t cut_at;  /* monotonic µs: it was refused, or QEMU had closed the agent's socket: those
                        answers look alike; 0: neither */
    bool awake;      /* ... that was closed, or an agent refused that had answered just before:
                        which of them QEMU tells by when its guest was down */
    int64_t still;   /* µs: so long the guest stood still since, and could do nothing for it */
} VsAsked;

/* What is known of the end of its hypervisor process. */
typedef enum VsProcessWatch {
    VS_PROCESS_UNWATCHED,
    VS_PROCESS_ASKED_FOR, /* it is to be watched; not every process can be */
    VS_PROCESS_WATCHED,   /* how it ends will be told */
    VS_PROCESS_ENDED,
} VsProcessWatch;

/* What a run has come to. Its record is made when it is over, and then the run is no more. */
typedef enum VsRunPhase {
    VS_RUN_ALIVE,
    VS_RUN_MISSED,  /* libvirt was found to have it no more: what it tells of the end is awaited */
    VS_RUN_ENDED,   /* over; the answer to our own destroy is awaited */
    VS_RUN_READING, /* over; the hypervisor's log is being read */
    VS_RUN_RECORDING, /* its record is made, and being written */
    VS_N_RUN_PHASES
} VsRunPhase;

/* How the attempt before this one ended: the guest's system came down, and began anew. */
typedef struct VsReboot {
    bool down; /* it came down in order: it powered off, or did this by itself after it was asked */
    bool off;  /* ... it powered off, and was started anew from outside */
    bool ends; /* ... and we end the run at that moment */
    bool exact; /* that was told by QMP */
    bool press_told;
    VsAsked agent, button, request; /* what it had been asked then */
    int64_t at;                     /* monotonic µs: when it began anew; 0: it never did */
} VsReboot;

typedef struct VsRun {
    VsUuid id;             /* becomes the record's */
    int64_t alive_at;      /* realtime µs of its start, or when we first saw it; 0: not known */
    json_object *evidence; /* array, which vs_evidence_add() adds to */
    int64_t dropped;       /* how many no longer fitted */

    /* Facts of the attempt. */
    VsShutdownReason shutdown;
    bool shutdown_exact; /* by QMP: the reason is known, not only guest or host */
    int64_t first_sign;  /* monotonic µs: when the end began to show, 0: it hasn't */
    VsAsked agent, button;
    VsAsked others;         /* the press by somebody else that stood when we pressed: where ours
                               doesn't come, it stands again */
    VsAsked request;        /* by initctl, a signal to its init, or the hypervisor's own channel */
    bool press_told;        /* by QEMU: the button was pressed, by anybody, before any SHUTDOWN */
    bool port_closed;       /* a port of the guest's was, since its agent was asked last, by a
                               system that wasn't down yet */
    bool dead;              /* it panicked when it was asked to go down, and libvirt leaves it so */
    int64_t port_closed_at; /* monotonic µs: when one was last; 0: never */
    int64_t still_since;    /* monotonic µs: it stands still, paused or asleep; 0: it runs */
    bool panicked;
    bool lives_on;       /* it panicked last, but isn't ended or paused for that */
    bool held;           /* ... it is */
    bool destroy_called; /* by this daemon */
    bool terminated;     /* ... which sent its process SIGTERM */
    bool reaped;  /* its system is down, and QEMU told that it was sent a signal for that: libvirt's
                   */
    bool kept;    /* its system is down, and libvirt keeps its process for something, a backup */
    int watchdog; /* VsWatchdogAction: it fired, and did that */
    int64_t watchdog_at; /* monotonic µs */
    VsCircumstances circumstances;
    json_object *candidates;  /* who had a connection to libvirt as its process ended, or was sent a
                                 signal, and may have asked for that; NULL: nobody, or it isn't
                                 known */
    int64_t candidates_asked; /* monotonic µs: when they were asked for; 0: they weren't */
    int64_t candidates_at;    /* monotonic µs: that is answered, and was so then; 0: it isn't */

    /* Facts of the run. */
    VsReboot reboot;  /* the last one */
    unsigned attempt; /* counts the times that its system began anew */
    bool has_qmp;     /* raw events come in, and say more than lifecycle events */
    bool agent_seen;  /* an agent was, or may have been there: somebody else can have asked it */
    int64_t found_at; /* monotonic µs: it ran already when it began to be watched; 0: its start was
                         seen */
    int64_t gap_at;   /* monotonic µs: libvirt, or this daemon, was away, and since then something
                         may have been missed; 0: nothing was */
    int64_t deaf_at; /* monotonic µs: when last something may have been missed, whether that gap is
                        open still or not; 0: never */
    VsAbsence absence;    /* the same: who was, and since when */
    VsProcessWatch watch; /* of its hypervisor process, */
    VsProcessEnd process; /* ENDED: which ended so */
    bool sound;           /* ... but since then it was found with a system that hadn't panicked */
    json_object
        *past_request; /* a stop that was called off, but had asked the guest already; or NULL */

    /* Its end. */
    VsRunPhase phase;
    bool habit_asked; /* ENDED: how long it took before can decide, and is asked for, ... */
    bool habit_known; /* ... and answered: */
    VsHabit habit;
    bool goes_on;        /* reverted to a snapshot in which it runs */
    bool recorded;       /* RECORDING: that was answered */
    int64_t until;       /* monotonic µs: what the phase waits for is given up then */
    int stopped;         /* VsStoppedDetail, -1: no STOPPED was seen, but ... */
    VsDomainState state; /* ... it was found in this state, */
    int reason;          /* ... for this reason */
    int64_t ended_real;  /* realtime µs: when that was told or found, whichever came first */
    int64_t ended_mono;  /* monotonic µs: the same; 0: it hasn't, as far as is known */
} VsRun;

VsRun *vs_run_new(VsUuid id, int64_t alive_at);
void vs_run_free(VsRun *run);

/* Whether its end is known, and only the record is missing. */
bool vs_run_is_over(const VsRun *run);

/* Monotonic µs: since then nothing was missed of it; 0: since its start. */
int64_t vs_run_watched_since(const VsRun *run);

/* Whether a request of this daemon's explains a power-off at that time (monotonic µs): one that the
 * guest is known not to have heard doesn't. */
bool vs_asked_by_us(const VsAsked *asked, int64_t at);

/* Adds @item (taken over) to the evidence, and counts what is dropped for it. */
void vs_run_witness(VsRun *run, json_object *item);

/* libvirt told a step in the guest's life (VsLifecycle, and its detail). */
void vs_run_witness_lifecycle(VsRun *run, int64_t real, int type, int detail);

/* The attempt is over without a stop: the guest's system begins anew. @by_guest: by its own doing,
 * as far as is known. @mono: µs. */
void vs_run_rebooted(VsRun *run, bool by_guest, int64_t mono);

/* Its system had begun anew then (monotonic µs), before what it was asked last: what is older than
 * that is over. */
void vs_run_was_reset(VsRun *run, int64_t at);

/* The guest was let run. That is no reboot, and what it was asked stands; but where its system was
 * down already it begins anew, and a panic it has lived through. */
void vs_run_resumed(VsRun *run, int64_t mono);

/* It was paused, or sleeps; and runs again. What it is asked meanwhile it hears then. */
void vs_run_stands_still(VsRun *run, int64_t mono);
void vs_run_goes_on(VsRun *run, int64_t mono);

/* A SHUTDOWN was told. The first of an attempt decides: libvirt ends every QEMU by SIGTERM, which
 * gives a second one. @mono: µs. */
void vs_run_shutdown(VsRun *run, VsShutdownReason reason, bool exact, int64_t mono);

/* Its system panicked; its watchdog fired, and did that (VsWatchdogAction). */
void vs_run_panicked(VsRun *run, int64_t mono);
void vs_run_watchdog(VsRun *run, int action, int64_t mono);

/* Its system panicked, and runs on. */
void vs_run_lives_on(VsRun *run);

/* libvirt keeps the process of a guest whose system is down. */
void vs_run_kept(VsRun *run, int64_t mono);

/* libvirt ended its process to begin its system anew in another. */
void vs_run_recreated(VsRun *run, int64_t mono);

/* Its hypervisor process ended. */
void vs_run_process_ended(VsRun *run, const VsProcessEnd *end);

/* A port of the guest's was closed. */
void vs_run_port_closed(VsRun *run, int64_t mono);

/* QEMU told that its power button was pressed. */
void vs_run_press_told(VsRun *run);

/* We ask it to go down, or end it, by that method and call. @expires: monotonic µs. */
void vs_run_asked(VsRun *run, VsMethod method, uint64_t call, int64_t now, int64_t expires);

/* A request by that method never got to the guest, or, @doubtful, may not have. */
void vs_run_take_back(VsRun *run, VsMethod method, bool doubtful);

/* Whether we have done so, as far as that still counts; of a method that no fact is kept of, it may
 * be. */
bool vs_run_was_asked(const VsRun *run, VsMethod method);

/* The agent refused, or its guest went off: as it seems it wasn't heard, until its port is closed,
 * or the end is there at once. @awake: it had answered just before it was asked, so that only when
 * its system was down tells. */
void vs_run_agent_cut(VsRun *run, bool awake, int64_t mono);

/* Its system was down @at, as QEMU tells @mono (both µs): an agent that was awake had heard what it
 * was asked, where the answer was cut behind that, and that stood, whatever came since. */
void vs_run_was_down(VsRun *run, int64_t at, int64_t mono);

/* Our press never came. */
void vs_run_not_pressed(VsRun *run);

/* The request that was made by that call, as far as it still counts; NULL: none. */
VsAsked *vs_run_find_asked(VsRun *run, uint64_t call);

/* libvirt has it, in that state: where its system panicked while nobody listened, that shows. */
void vs_run_found(VsRun *run, VsDomainState state);

/* That request gets to the guest only now, unless it was heard before. */
void vs_run_heard_late(VsRun *run, uint64_t call, int64_t now);

/* Its start was told. @anew: its system began with it, too; else it goes on where it was saved, or
 * came from elsewhere, and what it was asked before isn't known. */
void vs_run_started(VsRun *run, bool anew, int64_t mono);

/* What happens from then on (monotonic µs) may be missed, a reboot among it: a request may no
 * longer stand. A gap that is open already began when it did. */
void vs_run_gap(VsRun *run, int64_t at);

/* What we asked since then, which is when a stop began, goes on to explain a power-off as long as
 * that stop goes on. Monotonic µs. */
void vs_run_prolong(VsRun *run, int64_t since, int64_t until);

/* What we asked explains nothing any more from then on (monotonic µs); a press by somebody else
 * does. */
void vs_run_let_expire(VsRun *run, int64_t at);

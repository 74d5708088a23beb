/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "util/json.h"
#include "util/uuid.h"

/* One run of a domain, from its start to its stop: the evidence as it came in, and the facts that
 * the classifier reads out of it. Facts belong to an attempt to end the run and are forgotten when
 * the guest reboots or resumes; the evidence stays. */

#define VS_RUN_MAX_EVIDENCE 64

/* How long a press of the power button by somebody else, whose deadline isn't known, explains a
 * power-off, or a request of a host stop one that nobody saw. */
#define VS_RUN_ASK_WINDOW (INT64_C(600) * 1000 * 1000)

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

/* Somebody asked the guest to go down. */
typedef struct VsAsked {
    bool is;
    bool own;        /* this daemon did */
    bool doubtful;   /* it isn't sure that the request reached the guest, or still stood */
    int64_t at;      /* monotonic µs */
    int64_t expires; /* monotonic µs: from then on it explains nothing any more */
} VsAsked;

typedef struct VsRun {
    VsUuid id;             /* becomes the record's */
    int64_t alive_at;      /* realtime µs of its start, or when we first saw it; 0: not known */
    json_object *evidence; /* array */
    unsigned dropped;      /* evidence that no longer fitted */

    /* Facts of the attempt. */
    VsShutdownReason shutdown;
    bool shutdown_exact; /* by QMP: the reason is known, not only guest or host */
    int64_t first_sign;  /* monotonic µs: when the end began to show, 0: it hasn't */
    VsAsked agent, button;
    bool panicked;
    bool destroy_called; /* by this daemon */
    int watchdog;        /* VsWatchdogAction: it fired, and did that */
    int64_t watchdog_at; /* monotonic µs */

    /* Facts of the run. */
    bool has_qmp;    /* raw events come in, and say more than lifecycle events */
    bool agent_seen; /* an agent was there: somebody else can have asked it */
    bool gap;        /* libvirt, or this daemon, was away for a part of it */
    json_object
        *past_request; /* a stop that was called off, but had asked the guest already; or NULL */

    /* Its end. */
    bool ended;
    int stopped;          /* VsStoppedDetail, -1: no STOPPED was seen, but ... */
    VsDomainState state;  /* ... it was found in this state, */
    int reason;           /* ... for this reason */
    int64_t ended_real;   /* realtime µs */
    int64_t ended_mono;   /* monotonic µs */
    bool log_asked;       /* the log is being read; */
    int64_t log_deadline; /* monotonic µs: the record is made without it then */
} VsRun;

VsRun *vs_run_new(VsUuid id, int64_t alive_at);
void vs_run_free(VsRun *run);

/* A new piece of evidence of that time, from "qmp", "libvirt", ...: to be filled in by the caller.
 */
json_object *vs_evidence_new(int64_t real, const char *source);

/* Adds @item (taken over). The oldest is dropped where there is too much. */
void vs_run_witness(VsRun *run, json_object *item);

/* The attempt is over without a stop: the guest rebooted or runs on. */
void vs_run_new_attempt(VsRun *run);

/* What happens from here on may be missed, a reboot among it: a request may no longer stand. */
void vs_run_gap(VsRun *run);

/* What we asked since then, which is when a stop began, goes on to explain a power-off as long as
 * that stop goes on. Monotonic µs. */
void vs_run_prolong(VsRun *run, int64_t since, int64_t until);

/* Marks that the end shows. */
void vs_run_sign(VsRun *run, int64_t mono);

/* The run's state for a restart of the daemon, and back (NULL where it isn't one). */
json_object *vs_run_to_json(const VsRun *run);
VsRun *vs_run_from_json(json_object *object);

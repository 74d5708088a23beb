/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/absence.h"
#include "core/domain.h"
#include "core/event.h"
#include "core/part.h"
#include "core/verdict.h"
#include "util/json.h"

/* One stop, as it is written down. */

#define VS_RECORD_SCHEMA 1

typedef enum VsOutcome {
    VS_OUTCOME_NONE, /* still in flight */
    VS_OUTCOME_CLEAN,
    VS_OUTCOME_FORCED,
    VS_OUTCOME_HALTED,
    VS_OUTCOME_ALREADY_OFF,
    VS_OUTCOME_REFUSED,
    VS_OUTCOME_CANCELLED,
    VS_OUTCOME_TIMED_OUT,
    VS_OUTCOME_FAILED,
    VS_OUTCOME_UNKNOWN, /* it is gone, and nobody knows how */
    VS_N_OUTCOMES
} VsOutcome;

const char *vs_outcome_name(VsOutcome outcome);
bool vs_outcome_parse(const char *name, VsOutcome *ret);

/* Results of a step that there was no time for: libvirt was away, or hung, until the time for the
 * whole stop was over; others of a stop of all came before. */
#define VS_STEP_NOT_REACHED "not reached"
#define VS_STEP_NO_TURN     "its turn did not come"

/* ... and of one that got more time. */
#define VS_STEP_WRITES "it still writes to its disks, and has more time"

typedef struct VsRecord {
    VsUuid id;
    int64_t time;  /* realtime µs */
    char *boot_id; /* of the host's boot in which it ended; NULL: this one */
    VsDomainId domain;
    VsVerdict verdict;
    json_object *request; /* or NULL */
    bool host_shutdown;
    VsOwner owner;
    VsUuid host_stop;           /* the stop of all guests that it belongs to, or "" */
    VsHostKind host_kind;       /* ... and what that was, */
    int64_t host_asked;         /* ... realtime µs: when it was asked for, 0: not known, */
    VsPart *host_part;          /* ... and whom that is about; NULL: all */
    int64_t host_budget;        /* ... and µs: how long it had from then on, 0: no limit */
    VsWindow window;            /* when it ended, where that isn't known better */
    int64_t took;               /* µs */
    json_object *circumstances; /* the keys that vs_circumstances_tell() gives, or NULL */
    json_object *candidates;    /* who may have asked libvirt for it; or NULL */
    json_object *evidence;      /* array, each as a line of the traces with "time" for "t" */
    int64_t dropped;            /* how many more there were: it was too much */
} VsRecord;

void vs_record_free(VsRecord *record);

/* What a record says of the end, and whether a stop of ours had asked for it. False: it is none. */
bool vs_record_read(const char *line, VsUuid *ret_id, VsVerdict *ret_verdict, bool *ret_asked);

/* What a line of each history begins with: which it is, of when, and about whom. @time: realtime
 * µs. The caller owns the result. */
json_object *vs_record_begin(const VsUuid *id, int64_t time, const VsDomainId *domain,
                             const char *boot_id);

/* The record as the design has it. @boot_id is that of this boot of the host. The caller owns the
 * result. */
json_object *vs_record_to_json(const VsRecord *record, const char *boot_id);

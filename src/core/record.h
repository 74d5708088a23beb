/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"
#include "core/event.h"
#include "util/json.h"

/* One stop, as it is written down. */

#define VS_RECORD_SCHEMA 1

typedef enum VsCause {
    VS_CAUSE_UNKNOWN,
    VS_CAUSE_GUEST_INITIATED,
    VS_CAUSE_GUEST_AGENT,
    VS_CAUSE_POWER_BUTTON,
    VS_CAUSE_GUEST_REBOOT,
    VS_CAUSE_HOST_SIGNAL,
    VS_CAUSE_MONITOR_QUIT,
    VS_CAUSE_DESTROYED,
    VS_CAUSE_GUEST_PANIC,
    VS_CAUSE_WATCHDOG,
    VS_CAUSE_CRASHED,
    VS_CAUSE_SAVED,
    VS_CAUSE_MIGRATED,
    VS_CAUSE_START_FAILED,
    VS_CAUSE_SNAPSHOT_REVERTED,
    VS_CAUSE_HOST_FAILURE,
    VS_N_CAUSES
} VsCause;

typedef enum VsClean {
    VS_CLEAN_UNKNOWN,
    VS_CLEAN_YES, /* the guest's system came down in order, or was saved or moved whole */
    VS_CLEAN_NO,  /* it was cut off */
} VsClean;

typedef enum VsConfidence {
    VS_CONFIDENCE_UNKNOWN,
    VS_CONFIDENCE_LIKELY,  /* inferred */
    VS_CONFIDENCE_CERTAIN, /* direct evidence */
} VsConfidence;

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

const char *vs_cause_name(VsCause cause); /* "guest-initiated" */
VsClean vs_cause_clean(VsCause cause);    /* the design's table */
const char *vs_confidence_name(VsConfidence confidence);
const char *vs_outcome_name(VsOutcome outcome);
bool vs_cause_parse(const char *name, VsCause *ret);
bool vs_outcome_parse(const char *name, VsOutcome *ret);

/* What the classifier says of a run's end. */
typedef struct VsVerdict {
    VsCause cause;
    VsConfidence confidence;
    int signal;        /* 0: none, or not known which */
    int killer_pid;    /* 0: not known */
    char *killer_comm; /* or NULL */
} VsVerdict;

void vs_verdict_clear(VsVerdict *verdict);

typedef struct VsRecord {
    VsUuid id;
    int64_t time; /* realtime µs */
    VsDomainId domain;
    VsVerdict verdict;
    json_object *request; /* or NULL */
    bool host_shutdown;
    VsUuid host_stop;      /* the stop of all guests that it belongs to, or "" */
    int64_t took;          /* µs */
    json_object *evidence; /* array, each as a line of the traces with "time" for "t" */
} VsRecord;

void vs_record_free(VsRecord *record);

/* The record as the design has it. @boot_id is the host's boot. The caller owns the result. */
json_object *vs_record_to_json(const VsRecord *record, const char *boot_id);

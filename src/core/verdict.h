/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Why a guest stopped: the causes, and all that is the same of each. */

typedef enum VsCause {
    VS_CAUSE_UNKNOWN,
    VS_CAUSE_GUEST_INITIATED,
    VS_CAUSE_GUEST_AGENT,
    VS_CAUSE_POWER_BUTTON,
    VS_CAUSE_GUEST_REQUEST,
    VS_CAUSE_GUEST_REBOOT,
    VS_CAUSE_HOST_SIGNAL,
    VS_CAUSE_MONITOR_QUIT,
    VS_CAUSE_DESTROYED,
    VS_CAUSE_GUEST_PANIC,
    VS_CAUSE_WATCHDOG,
    VS_CAUSE_CRASHED,
    VS_CAUSE_OUT_OF_MEMORY,
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

/* In one word, for those who count. */
typedef enum VsInitiator {
    VS_INITIATOR_UNKNOWN,
    VS_INITIATOR_GUEST,
    VS_INITIATOR_OPERATOR, /* somebody asked for this guest */
    VS_INITIATOR_PLATFORM, /* the host: going down, failed */
} VsInitiator;

typedef struct VsCauseInfo {
    const char *name;      /* "guest-initiated" */
    VsClean clean;         /* where the evidence doesn't say otherwise */
    VsInitiator initiator; /* ... nor the request, nor the host */
    /* N_(), with the guest for the %s, and no full stop at the end. NULL: core/sentence.c has them.
     */
    const char *certain, *likely;
    const char *phrase; /* N_(): the same in a few words, behind "off" */
} VsCauseInfo;

const VsCauseInfo *vs_cause_info(VsCause cause);

const char *vs_cause_name(VsCause cause);
VsClean vs_cause_clean(VsCause cause);
bool vs_cause_parse(const char *name, VsCause *ret);
const char *vs_confidence_name(VsConfidence confidence);
const char *vs_initiator_name(VsInitiator initiator);

/* What the classifier says of a run's end. */
typedef struct VsVerdict {
    VsCause cause;
    VsConfidence confidence;
    VsClean clean;     /* what the cause says, where the evidence doesn't know better */
    int signal;        /* 0: none, or not known which */
    int killer_pid;    /* 0: not known */
    char *killer_comm; /* or NULL */

    /* Why it is no more than likely. */
    int64_t watched_since; /* monotonic µs: whoever may have asked before isn't known; 0: nobody did
                              that matters */
    int64_t asked_before; /* µs: so long before it went down it was asked, which is longer than that
                             takes; 0: it isn't */
} VsVerdict;

void vs_verdict_clear(VsVerdict *verdict);

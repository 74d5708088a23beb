/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/record.h"

/* A request that stopped nobody, or that changed another one's: for who asks later who wanted what.
 * A stop that did end its guest has its record instead. */

typedef enum VsRequestWord {
    VS_REQUEST_OVER, /* the stop came to its outcome, and the guest isn't off by it */
    VS_REQUEST_JOINED,
    VS_REQUEST_ESCALATED,
    VS_REQUEST_EXTENDED,
} VsRequestWord;

typedef struct VsRequestRecord {
    VsUuid id;
    int64_t time; /* realtime µs */
    VsDomainId domain;
    VsRequestWord word;
    VsOutcome outcome; /* OVER */
    int64_t span;      /* EXTENDED: µs */
    json_object *by;   /* who did that, as a record's request has it; NULL: nobody, or not known */
    json_object *request; /* what it was done to, in the same way */
    VsUuid host_stop;     /* ... as a part of that; "": of none */
} VsRequestRecord;

void vs_request_record_free(VsRequestRecord *record);

/* The line of requests.jsonl, without an end. The caller owns the result. */
json_object *vs_request_record_to_json(const VsRequestRecord *record, const char *boot_id);

/* What the line says, for people, and safe to print; no full stop. The caller owns it. */
char *vs_request_record_tell(json_object *line);

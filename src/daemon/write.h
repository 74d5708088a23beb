/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/record.h"
#include "record/history.h"
#include "record/run-files.h"
#include "record/writer.h"

/* One thing that is to be written down. */

typedef enum VsWriteType {
    VS_WRITE_STATE,      /* domain, text: what is kept of a guest; NULL: nothing any more */
    VS_WRITE_HOST_STOPS, /* text: of the host stops; NULL: nothing any more */
    VS_WRITE_NOTED,      /* text: which guests run; NULL: none */
    VS_WRITE_RECORD,     /* domain, id, text */
    VS_WRITE_REQUEST,    /* domain, text: a line about a request that stopped nobody */
    VS_WRITE_ENTRY,      /* fields: a record's, or a request's, for the journal */
    VS_N_WRITE_TYPES
} VsWriteType;

/* Where to; it outlives all writes. */
typedef struct VsWritePlaces {
    char *boot_id;
    char *state_directory;
    VsHistory *history;
    VsHistory *requests; /* beside it */
    VsRunFiles *run_files;
    int64_t seen_until; /* realtime µs: the last sign of life of the daemon before us; 0: none */
} VsWritePlaces;

typedef struct VsWrite VsWrite;
struct VsWrite {
    VsWriteType type;
    const VsWritePlaces *places;
    VsDomainId domain;
    VsUuid id; /* RECORD; of a record's next: the same */
    char *text;
    GPtrArray *fields;
    uint64_t serial; /* STATE, HOST_STOPS: of the action that asked for it */
    VsWrite *next;   /* RECORD: what may be kept of that guest only behind it; or NULL */
};

/* @domain, @text: copied; or NULL. */
VsWrite *vs_write_new(VsWriteType type, const VsWritePlaces *places, const VsDomainId *domain,
                      const char *text);
void vs_write_free(void *write);

/* Whether the record of that id lies in a file of its own, for it could never be written. */
bool vs_write_is_set_aside(const VsWritePlaces *places, const char *id);

/* As VsWriterOps has it, on any thread. A record that can never be written goes to a file of its
 * own, which the error names. */
VsWritten vs_write_carry_out(void *write, GError **error);

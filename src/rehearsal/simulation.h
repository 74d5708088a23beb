/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/engine.h"
#include "rehearsal/answer.h"

/* One stop of all guests, played through an engine. */

typedef struct VsPlanGuest {
    VsDomainInfo info;
    VsLabels *labels; /* what its XML says of its policy; NULL: not known */
    VsPast past;
} VsPlanGuest;

typedef struct VsSimulated {
    bool takes_part;
    int64_t first, off;   /* monotonic µs: when anything was first done to it; when it goes off for
                             what was done so far, VS_USEC_INFINITY: it doesn't */
    VsOutcome outcome;    /* NONE: its stop has no end */
    int64_t start, end;   /* µs from the beginning; VS_USEC_INFINITY: never */
    json_object *request; /* as a record has it; NULL: its turn never came. Of VS_PACE_USUAL only */
    char *waits_for;      /* when all were asked for; or NULL. Of VS_PACE_USUAL only */
} VsSimulated;

typedef struct VsSimulation {
    const VsPlanGuest *guests;
    unsigned n_guests;
    VsPace pace;
    bool hooks;           /* programs in hooks.d are run, and take all the time that they may */
    VsSimulated *results; /* of each guest */
    int64_t total;        /* µs; VS_USEC_INFINITY: it has no end */
    int64_t budget;       /* µs; VS_USEC_INFINITY: no limit */

    /* While it runs. */
    VsEngine *engine;
    VsTime now;
    GSequence *future; /* of what is to happen to the guests, by its time */
    GHashTable *index; /* "UUID URI" -> number plus one */
    uint64_t list;     /* serial of the list that is asked for */
} VsSimulation;

/* Fills in the results. */
void vs_simulation_run(VsSimulation *simulation, const VsPolicy *policy, int64_t budget);
void vs_simulation_clear(VsSimulation *simulation);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/engine.h"
#include "core/plan.h"

/* One stop of all guests, played through an engine. */

typedef struct VsSimulated {
    char *waits_for;      /* when all were asked for; or NULL */
    VsOutcome outcome;    /* NONE: it took no part */
    int64_t start, end;   /* µs from the beginning */
    json_object *request; /* as its record has it; or NULL */
} VsSimulated;

typedef struct VsSimulation {
    const VsPlanGuest *guests;
    unsigned n_guests;
    bool obey;            /* else the worst case */
    VsSimulated *results; /* of each guest */
    int64_t total;        /* µs */
    int64_t budget;       /* µs; VS_USEC_INFINITY: no limit */

    VsEngine *engine;
    VsTime now;
    GSequence *future; /* of what is to happen to the guests, by its time */
    GHashTable *index; /* "UUID URI" -> number plus one */
    uint64_t list;     /* serial of the list that is asked for */
} VsSimulation;

/* Fills in the results. */
void vs_simulation_run(VsSimulation *simulation, const VsPolicy *policy, int64_t budget);
void vs_simulation_clear(VsSimulation *simulation);

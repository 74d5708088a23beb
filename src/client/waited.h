/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/exit.h"
#include "client/objects.h"
#include "util/json.h"

/* A stop that is waited for, and what is known of it. The daemon keeps each for a while when it is
 * over, so its object tells all; of one whose object is gone the records do. */
typedef struct VsWaited {
    const char *argument; /* as it was typed, or @name */
    char *id;             /* the stop's; NULL: not known yet */
    char *name;           /* the domain's; NULL: not known yet */
    VsStopObject stop;    /* as last seen */
    char *outcome;        /* NULL: not known yet */
    json_object *record;  /* NULL: none, or not known yet */
    GError *error;        /* why nothing can be said of it */
    bool gone;            /* so is its object: there is no more to come */
    bool over;
    bool again; /* the daemon went away before it answered: asked again when it is back */
    bool twin;  /* another argument meant the same domain, and tells of it */

    void *owner;    /* who asked for it */
    unsigned round; /* of the answer to StopAll() that named it last */
} VsWaited;

/* @name: the domain's; NULL: not known yet. */
VsWaited *vs_waited_new(const char *argument, const char *name);
void vs_waited_free(VsWaited *waited);

/* Reads the object's properties that come next, all or those that changed. A negative errno where
 * they can't be read. */
int vs_waited_read(VsWaited *waited, sd_bus_message *properties);

/* Whether it is known how it came out, with its record where there is one. */
bool vs_waited_is_told(const VsWaited *waited);

/* Asks the daemon where the stop stands that has this one's id: by its object, or, where that is
 * gone, by the records. False where neither tells. */
bool vs_waited_ask(VsWaited *waited, VsClient *client, GError **error);

/* Its object is gone, and there will be no more news: asks for what is missing. */
bool vs_waited_ask_records(VsWaited *waited, VsClient *client, GError **error);

/* What a program ends with that waited for it, when it is over. */
VsExit vs_waited_exit(const VsWaited *waited);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/objects.h"

/* Asks for stops, and waits until each is over: through signals that come before their reply is
 * read, a daemon that is started again, and a bus that breaks. */

typedef struct VsStopWait VsStopWait;

/* One domain that was named. */
typedef struct VsWaited {
    const char *argument; /* as it was typed, or @name */
    char *id;             /* the stop's; NULL: not known yet */
    char *name;           /* the domain's; NULL: not known yet */
    VsStopObject stop;    /* as last seen */
    char *outcome;        /* NULL: not known yet */
    json_object *record;  /* NULL: none, or not known yet */
    GError *error;        /* why nothing can be said of it */
    bool over;
    bool again; /* the daemon went away before it answered: asked again when it is back */
    bool twin;  /* another argument meant the same domain, and tells of it */

    VsStopWait *wait;
    sd_event_source *grace;
} VsWaited;

typedef struct VsStopWaitOps {
    void (*changed)(const VsWaited *waited, void *userdata); /* its step, or what is known of it */
    void (*over)(const VsWaited *waited, void *userdata);
    void (*tick)(void *userdata); /* every second; NULL: not wanted */
    void (*say)(const char *text, void *userdata);
    void (*daemon)(bool there, void *userdata); /* it came or went; NULL: not wanted */
} VsStopWaitOps;

VsStopWait *vs_stop_wait_new(VsCtl *ctl, const VsStopWaitOps *ops, void *userdata, GError **error);
void vs_stop_wait_free(VsStopWait *wait);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsStopWait, vs_stop_wait_free)

/* Asks for a stop of @argument; the answer comes while vs_stop_wait_run() waits. */
void vs_stop_wait_add(VsStopWait *wait, const char *argument);

/* Waits for the stop at @path, of @domain, that was asked for already. */
void vs_stop_wait_adopt(VsStopWait *wait, const char *domain, const char *path);

/* Waits. 0: all are over; else the number of the signal that ended the waiting, the stops go on. */
int vs_stop_wait_run(VsStopWait *wait);

/* The call that asks for a stop of @domain with @ctl's options; NULL only where memory ran out. */
sd_bus_message *vs_stop_wait_new_call(VsCtl *ctl, const char *domain);

/* All that were added, of VsWaited. Belongs to @wait. */
const GPtrArray *vs_stop_wait_list(const VsStopWait *wait);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/exit.h"
#include "client/objects.h"
#include "client/request.h"
#include "util/json.h"

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
    unsigned round; /* of the answer to StopAll() that named it last */
    unsigned tries; /* how often it was asked for in vain */
} VsWaited;

typedef struct VsStopWaitOps {
    void (*changed)(const VsWaited *waited, void *userdata); /* its step, or what is known of it */
    void (*over)(const VsWaited *waited, void *userdata);
    void (*tick)(void *userdata); /* every second; NULL: not wanted */
    /* It went, and is waited for; it is back. NULL: not wanted. */
    void (*daemon)(bool there, void *userdata);
    bool leaves; /* a daemon or a bus that goes away is the caller's to see to */
} VsStopWaitOps;

/* Where @client has a bus it listens there at once, else when it is attached. @request is what each
 * stop is asked with. */
VsStopWait *vs_stop_wait_new(VsClient *client, const VsRequest *request, const VsStopWaitOps *ops,
                             void *userdata, GError **error);
void vs_stop_wait_free(VsStopWait *wait);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsStopWait, vs_stop_wait_free)

/* Listens on @client's bus; lets go of it, so that @client may have another. The stops stay. */
bool vs_stop_wait_attach(VsStopWait *wait, GError **error);
void vs_stop_wait_detach(VsStopWait *wait);

/* Asks for a stop of @argument; the answer comes while vs_stop_wait_run() waits. */
void vs_stop_wait_add(VsStopWait *wait, const char *argument);

/* Waits for all stops that StopAll() answered with (a(so)), besides those that it waits for
 * already: what became of those that are no longer named is asked for. While @stopping_all is set,
 * as the daemon's StoppingAll says from then on, there may come more. A negative errno where the
 * answer can't be read. */
int vs_stop_wait_adopt(VsStopWait *wait, sd_bus_message *answer, bool stopping_all);
void vs_stop_wait_set_stopping_all(VsStopWait *wait, bool stopping_all);

#define VS_STOP_WAIT_LEFT (-1)

/* Waits. 0: all are over; > 0: the number of the signal that ended the waiting, the stops go on;
 * VS_STOP_WAIT_LEFT: the daemon or the bus went away, or vs_stop_wait_leave() was called. */
int vs_stop_wait_run(VsStopWait *wait);
void vs_stop_wait_leave(VsStopWait *wait);

/* Lets @span µs pass; > 0: a signal came meanwhile. */
int vs_stop_wait_pause(VsStopWait *wait, int64_t span);

/* Whether nothing is waited for, and nothing to come. */
bool vs_stop_wait_is_over(const VsStopWait *wait);

/* What a program ends with that waited for this one, which is over; and for all of them. */
VsExit vs_waited_exit(const VsWaited *waited);
VsExit vs_stop_wait_status(const VsStopWait *wait);

/* All that were added, of VsWaited. Belongs to @wait. */
const GPtrArray *vs_stop_wait_list(const VsStopWait *wait);

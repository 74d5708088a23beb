/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/request.h"
#include "client/stop-list.h"
#include "client/whole.h"

/* Asks for stops, and waits until each is over: through a daemon that is started again, and a bus
 * that breaks. */

typedef struct VsStopWait VsStopWait;

typedef struct VsStopWaitOps {
    VsStopListOps list;
    void (*tick)(void *userdata); /* every second; NULL: not wanted */
    /* It went, and is waited for; it is back. NULL: not wanted. */
    void (*daemon)(bool there, void *userdata);
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

/* Asks for a stop of @argument; the answer comes while vs_stop_wait_run() waits. Where a person may
 * be asked for a password, one after the other. */
void vs_stop_wait_add(VsStopWait *wait, const char *argument);

/* Waits for all stops that StopAll() answered with (a(so)), besides those that it waits for
 * already: what became of those that are no longer named is asked for. While @stopping_all is set,
 * as the daemon's StoppingAll says from then on, there may come more. False where that can't be
 * read, or, for who leaves, where the daemon says no more: then this is to be called anew. */
bool vs_stop_wait_adopt(VsStopWait *wait, sd_bus_message *answer, bool stopping_all,
                        GError **error);
void vs_stop_wait_set_stopping_all(VsStopWait *wait, bool stopping_all);

#define VS_STOP_WAIT_LEFT (-1)

/* Waits. 0: all are over; > 0: the number of the signal that ended the waiting, the stops go on;
 * VS_STOP_WAIT_LEFT: the daemon or the bus went away, or vs_stop_wait_leave() was called. */
int vs_stop_wait_run(VsStopWait *wait);
void vs_stop_wait_leave(VsStopWait *wait);

/* Lets @span µs pass; > 0: a signal came meanwhile. */
int vs_stop_wait_pause(VsStopWait *wait, int64_t span);

/* What is known of them as a whole, after vs_stop_wait_adopt(). Belongs to @wait. */
const VsWhole *vs_stop_wait_whole(const VsStopWait *wait);

/* Whether nothing is waited for, and nothing to come. */
bool vs_stop_wait_is_over(const VsStopWait *wait);

/* What a program ends with that waited for them, when all are over. */
VsExit vs_stop_wait_status(const VsStopWait *wait);

/* All that were added, of VsWaited. Belongs to @wait. */
const GPtrArray *vs_stop_wait_list(const VsStopWait *wait);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/signals.h"
#include "client/stop-wait.h"

struct VsStopWait {
    VsClient *client;
    const VsRequest *request;
    VsStopWaitOps ops;
    void *userdata;
    sd_event *event;
    GPtrArray *list;     /* of VsWaited */
    unsigned unanswered; /* Stop() calls under way */
    GHashTable
        *outcomes; /* stop id: outcome, of stops that were over before their Stop() was answered */
    GHashTable *records; /* stop id: record, likewise */
    sd_event_source *return_timer, *ticker;
    bool deaf; /* the daemon, or the bus, is away: what happens isn't heard */

    bool stopping_all; /* the stop of all guests goes on: who joins it is waited for, too */
    unsigned round;    /* counts the answers to StopAll() */

    bool running, ended; /* inside vs_stop_wait_run(); it is to return @result */
    int result;
};

/* Has vs_stop_wait_run() return @result. */
void vs_stop_wait_end(VsStopWait *wait, int result);

/* Sends a Stop() on its way. */
void vs_stop_wait_ask(VsWaited *waited);

/* Waits for one more stop, of that domain; the caller says which. */
VsWaited *vs_stop_wait_append(VsStopWait *wait, const char *domain);

/* What the daemon tells, for a VsStopWait. */
extern const VsSignals vs_stop_news;

/* NULL: it isn't waited for. */
VsWaited *vs_stop_news_find(const VsStopWait *wait, const char *id);

/* Begins to wait for the stop at @path. */
void vs_stop_news_take(VsWaited *waited, const char *path);

/* Reads where the stop stands. */
bool vs_stop_news_look(VsWaited *waited, const char *path, GError **error);

/* The answer to a Stop(), for its VsWaited. */
int vs_stop_news_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

/* It is over; and so because nothing more can be said of it, for @error, which is taken over. */
void vs_stop_news_finish(VsWaited *waited);
void vs_stop_news_fail(VsWaited *waited, GError *error);
void vs_stop_news_fail_all(VsStopWait *wait, const char *message);

/* Ends the loop where nothing is waited for any more. */
void vs_stop_news_check(VsStopWait *wait);

/* What was missed (stop-catch-up.c): gives the rest of a stop's news a little time, then asks for
 * it; the same for all of @wait's stops, the daemon being back. */
void vs_stop_catch_up_later(VsWaited *waited);
void vs_stop_catch_up(VsWaited *waited);
void vs_stop_catch_up_all(VsStopWait *wait);

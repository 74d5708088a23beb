/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/signals.h"
#include "ctl/stop-wait.h"

struct VsStopWait {
    VsCtl *ctl;
    VsStopWaitOps ops;
    void *userdata;
    sd_event *event;
    GPtrArray *list;     /* of VsWaited */
    unsigned unanswered; /* Stop() calls under way */
    GHashTable
        *outcomes; /* stop id: outcome, of stops that were over before their Stop() was answered */
    GHashTable *records; /* stop id: record, likewise */
    sd_event_source *return_timer, *ticker;
    bool running;
};

/* Sends a Stop() on its way. */
void vs_stop_wait_ask(VsWaited *waited);

/* What the daemon tells, for a VsStopWait. */
extern const VsSignals vs_stop_news;

/* Begins to wait for the stop at @path. */
void vs_stop_news_take(VsWaited *waited, const char *path);

/* The answer to a Stop(), for its VsWaited. */
int vs_stop_news_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

/* Nothing more can be said of it, for @error, which is taken over. */
void vs_stop_news_fail(VsWaited *waited, GError *error);
void vs_stop_news_fail_all(VsStopWait *wait, const char *message);

/* Ends the loop where nothing is waited for any more. */
void vs_stop_news_check(VsStopWait *wait);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "client/exit.h"
#include "client/request.h"

/* What a call of virtstopctl is about: its options, and the bus. */

typedef enum VsJsonMode {
    VS_JSON_OFF,
    VS_JSON_SHORT,
    VS_JSON_PRETTY,
} VsJsonMode;

typedef struct VsCtl {
    VsClient client;
    VsJsonMode json;
    bool no_pager, no_legend;
    bool help, version;

    bool no_wait;        /* stop, stop-all */
    bool host_shutdown;  /* stop-all: from the hook */
    bool all;            /* cancel, extend */
    bool plan;           /* plot */
    bool libvirt_guests; /* doctor */
    const char *stop;  /* blame, plot, cancel, extend: of which host stop; NULL: the last, or all */
    bool explain;      /* show-policy */
    VsRequest request; /* stop, stop-all; its budget: plan, plot; its part: plan */
    bool foreign;      /* replay */

    /* list: which guests, where one of them is set */
    bool running, inactive, stopping;
    bool names; /* and nothing else of them */

    /* history */
    unsigned limit;              /* 0: all */
    bool limited;                /* that was said */
    bool requests;               /* not the stops */
    const char *cause, *outcome; /* or several, with commas between them; NULL: any */
    bool unclean;                /* only those that were cut off */
    int64_t since, until;        /* realtime µs; 0: not said */
    bool reverse, follow;
} VsCtl;

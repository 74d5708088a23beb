/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* What a call of virtstopctl is about: its options, and the bus. */

typedef enum VsExit {
    VS_EXIT_OK,
    VS_EXIT_FAILED,
    VS_EXIT_USAGE,
    VS_EXIT_FORCED, /* every guest is off, but one or more were forced */
    VS_EXIT_NO_SUCH_DOMAIN,
    VS_EXIT_NOT_AUTHORISED,
    VS_EXIT_SIGNAL = 128, /* and the signal's number: left by Ctrl-C */
} VsExit;

typedef enum VsJsonMode {
    VS_JSON_OFF,
    VS_JSON_SHORT,
    VS_JSON_PRETTY,
} VsJsonMode;

typedef struct VsCtl {
    VsJsonMode json;
    bool no_pager, no_legend;
    const char *host; /* NULL: this one */
    const char *uri;  /* NULL: any */
    bool help, version;

    bool no_wait;       /* stop, stop-all */
    bool host_shutdown; /* stop-all: from the hook */
    bool all;           /* cancel, extend */
    bool plan;          /* plot */
    const char *ladder;
    int64_t budget; /* µs, 0: as the ladder says */
    const char *reason;
    unsigned limit; /* history; 0: all */
    bool foreign;   /* replay */

    sd_bus *bus;
    /* The hook's, which nothing may hold up: what a call may take (µs; 0: the usual), and what is
     * done before each that blocks (NULL: nothing). */
    int64_t call_timeout;
    void (*before_call)(void);
} VsCtl;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/host-stop-record.h"
#include "client/waited.h"

/* A stop of all guests, or of a part, as a whole: since when, and until when all have to be off. */
typedef struct VsWhole {
    char *path;        /* its object's; NULL: nothing is known */
    char *id;          /* NULL: not told */
    int64_t requested; /* realtime µs */
    int64_t deadline; /* monotonic µs of the daemon's host, as last told; VS_USEC_INFINITY: none */
    int64_t budget;   /* µs; VS_USEC_INFINITY: it has no limit, or that isn't known */
    VsHostStopTally earlier; /* of those that were off before we came */
    int limited;             /* the deadline comes from a budget, and not from what takes part */
    int64_t learnt;          /* our own monotonic µs: since when we know of it */
} VsWhole;

void vs_whole_clear(VsWhole *whole);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsWhole, vs_whole_clear)

/* Asks for the one that the stops in @list (of VsWaited) are part of. Where that can't be had
 * nothing is known. */
void vs_whole_learn(VsWhole *whole, VsClient *client, const GPtrArray *list);

/* Reads what changed of the one at @path, a{sv}, if it is this one. */
void vs_whole_read_change(VsWhole *whole, const char *path, sd_bus_message *changed);

/* How long it took so far, with the stops in @list (of VsWaited), and its budget, µs;
 * VS_USEC_INFINITY: that isn't known, or it has none. Of another host's, whose clock isn't ours,
 * their records tell it. */
int64_t vs_whole_took(const VsWhole *whole, const VsClient *client, const GPtrArray *list);
int64_t vs_whole_budget(const VsWhole *whole, const VsClient *client, const GPtrArray *list);

/* What is left of it; likewise. */
int64_t vs_whole_left(const VsWhole *whole, const VsClient *client);

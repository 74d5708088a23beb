/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "client/client.h"
#include "core/verdict.h"
#include "util/json.h"

/* What a guest's record says of its part in a stop of all guests, and what all of them say of that
 * as a whole. */

/* When a guest's stop was asked for, when its first step began (where it had none: it was asked
 * for, or the first sign of its end), and when it was off: realtime µs. */
typedef struct VsHostStopTimes {
    int64_t asked, start, end;
} VsHostStopTimes;

/* False where the record doesn't say. */
bool vs_host_stop_times(json_object *record, VsHostStopTimes *ret);

/* Whether the guest came down in order. */
VsClean vs_host_stop_clean(json_object *record);

/* How guests of one host stop came out. */
typedef struct VsHostStopTally {
    unsigned n_clean, n_cut_off, n_unknown;
    int64_t asked, last; /* realtime µs: when it was asked for, and when the last of them was off;
                            0: no record says */
    int64_t budget;      /* µs, as the last of them has it; 0: none, or not known */
} VsHostStopTally;

void vs_host_stop_tally_add(VsHostStopTally *tally, json_object *record);

/* Adds those of the host stop that has that id, as far as their own stops aren't in @others (a set
 * of ids; NULL: none). Where nobody tells them nothing is added. */
void vs_host_stop_tally_ask(VsHostStopTally *tally, VsClient *client, const char *host_stop,
                            GHashTable *others);

/* The same of the host stop with which the host has just begun to go down, if there was one, in
 * this boot. */
void vs_host_stop_tally_ask_last(VsHostStopTally *tally, VsClient *client);

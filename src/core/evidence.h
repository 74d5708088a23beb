/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "util/json.h"

/* What a run's record rests on: the events, answers and log lines as they came in. A guest, or a
 * QEMU that somebody took over, says as much as it likes, so all of it is bounded: each item when
 * it comes in, and the list of a run. */

/* Bytes of an item, as a line of JSON. A longer one is cut: what was too long in it is text that
 * ends in “…”, and "cut" is true. */
#define VS_EVIDENCE_MAX_ITEM 4096

/* Bytes of a run's list, and how many items it can have. */
#define VS_EVIDENCE_MAX_LIST  (64 * 1024)
#define VS_EVIDENCE_MAX_ITEMS 64

/* The source of an item that says who pressed the power button, where it is known that we didn't.
 */
#define VS_EVIDENCE_PRESS "press"

/* The source of an item that says why the cause is no more than likely: since when the run was
 * watched ("since"), or how long before the end it was asked ("ms"). */
#define VS_EVIDENCE_DOUBT "doubt"

/* The source of an item that says what was noted of a guest before the host's last boot; and what
 * it says of a stop that was in flight then. */
#define VS_EVIDENCE_NOTED      "noted"
#define VS_EVIDENCE_NOTED_STOP "a stop was asked for"

/* A new item of that time (realtime µs), from "qmp", "libvirt", ...: to be filled in by the caller.
 */
json_object *vs_evidence_new(int64_t real, const char *source);

/* Adds @item (taken over) to @list, an array that only this function adds to. Returns how many were
 * dropped for it: of the kind that takes most room the oldest, but never the first while there is
 * another. So whoever repeats himself loses his own words, not those of others. */
unsigned vs_evidence_add(json_object *list, json_object *item);

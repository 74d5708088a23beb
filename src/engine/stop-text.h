/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/stop.h"

/* A stop as others read it: in a record, and kept for a daemon that comes after this one. */

/* Who asked: {uid, pid, comm, unit}, what isn't known left out; and back (false: it says nobody).
 * The caller owns the results. */
json_object *vs_requester_to_json(const VsRequester *by);
bool vs_requester_from_json(VsRequester *ret, json_object *object);

/* The record's "request": who asked, why, how it came out, what each step came to. The caller owns
 * it. */
json_object *vs_stop_request(const VsStop *stop, VsOutcome outcome);

/* The word that is kept for it: each phase has its own, unlike on the bus (vs_stop_phase_name()).
 */
const char *vs_stop_phase_word(VsStopPhase phase);

/* The caller owns it. */
json_object *vs_stop_to_json(const VsStop *stop);

/* What the schemas 1 had in each stop, of the host stop that it was a part of. */
typedef struct VsOldPart {
    int64_t deadline; /* monotonic µs; 0: it was no part of one */
    bool shutdown;
} VsOldPart;

/* NULL with @error where it isn't one; a name that isn't known is named. @schema: 1 (numbers for
 * what is ours) or 2. @ret_part: of schema 1, else zero. */
VsStop *vs_stop_from_json(json_object *object, int64_t schema, VsOldPart *ret_part, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/policy.h"
#include "core/verdict.h"
#include "util/json.h"
#include "util/uuid.h"

/* What Restart= comes to for one guest: how its last run ended, whether it is about to be started
 * again, and how often that was done of late.
 *
 *     NONE ──> ENDED ──> DUE <──> STARTING ──> NONE
 *                └────────┴──────────┴───> LIMIT
 *
 * A run that begins, whoever started it, ends all of this but the count. */

typedef enum VsRevivalPhase {
    VS_REVIVAL_NONE,
    VS_REVIVAL_ENDED,    /* a run's end was judged, and isn't reckoned with yet */
    VS_REVIVAL_DUE,      /* it is to be started */
    VS_REVIVAL_STARTING, /* that was asked for */
    VS_REVIVAL_LIMIT,    /* it was started so often that it stays off */
    VS_N_REVIVAL_PHASES
} VsRevivalPhase;

typedef struct VsRevival {
    VsRevivalPhase phase;
    VsUuid run;    /* the last one whose end was judged, */
    VsCause cause; /* ... so; */
    int signal;    /* ... by that signal; 0: by none that is known */
    bool asked;    /* ... while a stop of ours was in flight */
    int64_t at;    /* DUE: monotonic µs: not before */
    uint64_t call; /* STARTING: its number, */
    bool answered; /* ... and whether libvirt has answered, which isn't reckoned with yet: */
    bool ok, lost; /* ... so */
    char *message; /* ... or with this */
    int64_t since; /* monotonic µs: when the count began; 0: there is none */
    unsigned n;    /* restarts since then */
} VsRevival;

void vs_revival_clear(VsRevival *revival);

/* @run's end was judged; @asked: while a stop of ours was in flight. A run whose end a daemon
 * before us has reckoned with isn't reckoned with again. */
void vs_revival_ended(VsRevival *revival, VsUuid run, const VsVerdict *verdict, bool asked);

/* "idle", "ended", "due", "starting", "limit-reached" */
const char *vs_revival_phase_name(VsRevivalPhase phase);

const char *vs_revival_when_name(VsRestartWhen when); /* "no", "on-failure", "always" */

/* Whether Restart=@when starts a guest again after such an end. */
bool vs_revival_is_wanted(const VsRevival *revival, VsRestartWhen when);

/* Counts one more restart, as systemd counts starts: false where that is beyond the limit. */
bool vs_revival_count(VsRevival *revival, const VsGuestPolicy *policy, int64_t now);

/* Whether a daemon that comes after this one has to know of it: not where all that is left is a
 * count that no longer counts. */
bool vs_revival_is_kept(const VsRevival *revival, const VsGuestPolicy *policy, int64_t now);

/* NULL: there is nothing to tell. A start that was under way is due again for who reads it. */
json_object *vs_revival_to_json(const VsRevival *revival);
bool vs_revival_from_json(VsRevival *revival, json_object *object, GError **error);

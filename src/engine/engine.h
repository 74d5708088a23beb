/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/policy.h"
#include "engine/action.h"
#include "engine/picture.h"

/* The heart: events and a time in, actions out. No I/O, no clock, no thread; the same for the
 * daemon, for replay, for the golden tests and the fuzzer. */

/* @seed: 16 random bytes, from which every id is made (a fixed seed gives the same ids again). */
VsEngine *vs_engine_new(const uint8_t seed[16], const VsPolicy *policy);
void vs_engine_free(VsEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsEngine, vs_engine_free)

/* For a plan: nothing is to survive this engine, and what is to be kept is left out:
 * VS_ACTION_SAVE, VS_ACTION_FORGET, VS_ACTION_KEEP_HOST_STOPS. */
void vs_engine_set_simulated(VsEngine *engine);

/* @uri is to be watched from @now on: a stop of all guests waits some time for it, where it isn't
 * there yet. */
void vs_engine_watch(VsEngine *engine, const char *uri, VsTime now);

/* The policy for the stops that are asked for from now on. Copied. */
void vs_engine_set_policy(VsEngine *engine, const VsPolicy *policy);

/* Whether there are programs that VS_ACTION_HOOK would run; to begin with there are none. */
void vs_engine_set_hooks(VsEngine *engine, bool any);

/* Takes one event; what is to be done is added to @actions, in order. False with @error only where
 * a request (INQUIRE, STOP, CANCEL, ESCALATE, EXTEND, STOP_ALL, CANCEL_ALL, EXTEND_ALL,
 * RESTORE) or a TAKE_OVER
 * is bad: nothing of it counts then. */
bool vs_engine_step(VsEngine *engine, const VsEvent *event, VsTime now, VsActions *actions,
                    GError **error);

/* When the engine wants a VS_EVENT_TIMER next: monotonic µs, VS_USEC_INFINITY for never. An idle
 * engine wants none. */
int64_t vs_engine_next_timer(const VsEngine *engine);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/action.h"
#include "core/event.h"
#include "engine/guest.h"
#include "core/policy.h"

/* The heart: events and a time in, actions out. No I/O, no clock, no thread; the same for the
 * daemon, for replay, for the golden tests and the fuzzer. */

typedef struct VsEngine VsEngine;

/* @seed: 16 random bytes, from which every id is made (a fixed seed gives the same ids again). */
VsEngine *vs_engine_new(const uint8_t seed[16], const VsPolicy *policy);
void vs_engine_free(VsEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsEngine, vs_engine_free)

/* For a plan: nothing is to survive this engine, and what is to be kept is left out:
 * VS_ACTION_SAVE, VS_ACTION_FORGET, VS_ACTION_KEEP_RUNNING. */
void vs_engine_set_simulated(VsEngine *engine);

/* @uri is to be watched from @now on: a stop of all guests waits some time for it, where it isn't
 * there yet. */
void vs_engine_watch(VsEngine *engine, const char *uri, VsTime now);

/* The policy for the stops that are asked for from now on. Copied. */
void vs_engine_set_policy(VsEngine *engine, const VsPolicy *policy);

/* Takes one event; what is to be done is added to @actions, in order. False with @error only where
 * a request (STOP, CANCEL, ESCALATE, EXTEND, STOP_ALL, EXTEND_ALL, REVIVE) or a RESTORE is bad;
 * nothing has changed then. */
bool vs_engine_step(VsEngine *engine, const VsEvent *event, VsTime now, VsActions *actions,
                    GError **error);

/* When the engine wants a VS_EVENT_TIMER next: monotonic µs, VS_USEC_INFINITY for never. An idle
 * engine wants none. */
int64_t vs_engine_next_timer(const VsEngine *engine);

/* The picture, to be read only. Pointers hold until the next step. */
const VsGuest *vs_engine_find(const VsEngine *engine, const char *uri, const char *uuid);
const VsGuest *vs_engine_find_stop(const VsEngine *engine, const char *stop_id);

/* @text as virsh takes it: an id, a UUID or a name, in this order. @uri narrows it down (or NULL).
 */
const VsGuest *vs_engine_resolve(const VsEngine *engine, const char *text, const char *uri,
                                 GError **error);

/* All guests, sorted by name; the caller owns the array, not what it holds. */
GPtrArray *vs_engine_guests(const VsEngine *engine);

/* Whether a stop of all guests is under way. */
bool vs_engine_is_stopping_all(const VsEngine *engine);

/* µs that it has from @now (monotonic) on; VS_USEC_INFINITY: no limit, or there is none. */
int64_t vs_engine_time_for_all(const VsEngine *engine, int64_t now);

/* Another guest that has to be off before the queued @guest is asked; NULL: none. */
const VsGuest *vs_engine_waits_for(const VsEngine *engine, const VsGuest *guest);

/* Whether that step may work on @guest, as far as it is known without trying. */
bool vs_engine_may_work(const VsGuest *guest, VsMethod method);

/* What holds for a stop of @guest where the request doesn't say. */
void vs_engine_policy_for(const VsEngine *engine, const VsGuest *guest, VsGuestPolicy *ret);

bool vs_engine_is_connected(const VsEngine *engine, const char *uri);

/* Whether the guests at @uri are known: libvirt is connected, and has listed them. */
bool vs_engine_is_listed(const VsEngine *engine, const char *uri);

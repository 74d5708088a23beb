/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/policy.h"
#include "engine/guest.h"
#include "engine/host-stop.h"
#include "engine/ran.h"

/* The engine's picture, to be read only. Pointers hold until the next step. */

typedef struct VsEngine VsEngine;

const VsGuest *vs_engine_find(const VsEngine *engine, const char *uri, const char *uuid);
const VsGuest *vs_engine_find_stop(const VsEngine *engine, const char *stop_id);

/* @text as virsh takes it: an id, a UUID or a name, in this order. @uri narrows it down (or NULL).
 */
const VsGuest *vs_engine_resolve(const VsEngine *engine, const char *text, const char *uri,
                                 GError **error);

/* All guests, sorted by name; the caller owns the array, not what it holds. */
GPtrArray *vs_engine_guests(const VsEngine *engine);

/* Whether a stop of all guests is under way. */
bool vs_engine_runs_hooks(const VsEngine *engine); /* there are programs in hooks.d, and time */
bool vs_engine_is_stopping_all(const VsEngine *engine);

/* µs that it has from @now (monotonic) on; VS_USEC_INFINITY: no limit, or there is none. */
int64_t vs_engine_time_for_all(const VsEngine *engine, int64_t now);

/* Another guest that has to be off before the queued @guest is asked; NULL: none. */
const VsGuest *vs_engine_waits_for(const VsEngine *engine, const VsGuest *guest);

/* What holds for a stop of @guest where the request doesn't say. */
void vs_engine_policy_for(const VsEngine *engine, const VsGuest *guest, VsGuestPolicy *ret);

/* The same for one that is noted to be started again: by what its XML says now, or said as it went
 * down. */
void vs_engine_policy_for_ran(const VsEngine *engine, const VsRan *ran, VsGuestPolicy *ret);

/* Who manages it beside libvirt, as found, or as the configuration says. */
VsOwner vs_engine_owner_of(const VsEngine *engine, const VsGuest *guest);

/* Whether it is of that part of the guests; NULL: of all. */
bool vs_engine_is_of_part(const VsEngine *engine, const VsGuest *guest, const VsPart *part);

bool vs_engine_is_connected(const VsEngine *engine, const char *uri);

/* Whether the guests at @uri are known: libvirt is connected, and has listed them. */
bool vs_engine_is_listed(const VsEngine *engine, const char *uri);

/* Whether a guest runs whose policy isn't known yet, for its XML is being read. */
bool vs_engine_awaits_labels(const VsEngine *engine);

/* The host stop that @guest's stop is a part of; NULL: none in flight. */
const VsHostStop *vs_engine_find_host_stop(const VsEngine *engine, const VsGuest *guest);

/* All host stops that are known, of VsHostStop: in flight, or with something to be started again.
 * Belongs to @engine. */
const GPtrArray *vs_engine_host_stops(const VsEngine *engine);

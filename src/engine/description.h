/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A list, or a look-up, found @guest running: takes what came with it, or asks for its description
 * where that isn't known, or may be another by now. */
void vs_description_found(VsEngine *engine, VsGuest *guest, const VsDomainInfo *info,
                          bool looked_up);

/* What an event says of the agent; it is newer than an answer that is still awaited. */
void vs_description_agent(VsEngine *engine, VsGuest *guest, VsAgentState state);

/* VS_EVENT_DESCRIBED. */
void vs_description_take(VsEngine *engine, const VsEvent *event);

/* VS_EVENT_METADATA. */
void vs_description_metadata(VsEngine *engine, const VsEvent *event);

/* Nobody will answer any more: libvirt went away, or the run is over. */
void vs_description_drop(VsGuest *guest);

/* Whether an answer is still to come, if there ever is one; monotonic µs: until when whoever needs
 * it waits for it. */
bool vs_description_is_to_come(const VsGuest *guest);
int64_t vs_description_patience_until(const VsGuest *guest);

/* Monotonic µs: until when @method waits for an answer that may say that it can't work, or can, or
 * that the guest's own ladder is another. */
int64_t vs_description_awaited_until(const VsGuest *guest, VsMethod method);

/* Whether @method is about something that isn't known. */
bool vs_description_is_missing(const VsGuest *guest, VsMethod method);

/* Something is done to the guest for all that: its record says so. */
void vs_description_do_without(VsEngine *engine, VsGuest *guest);

/* What is due: to say that it can't be read, or to ask again. */
void vs_description_move(VsEngine *engine, VsGuest *guest);
int64_t vs_description_next_timer(const VsGuest *guest); /* monotonic µs */

/* For the run state: NULL where it isn't known. */
json_object *vs_description_to_json(const VsGuest *guest);
void vs_description_from_json(VsGuest *guest, json_object *object);

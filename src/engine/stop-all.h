/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The machine of the host stops: who takes part, and until when. Each guest waits for its turn, and
 * goes down its ladder like any other then. */

/* What somebody asks for: begin, or join the one that is in flight; false with @error where the
 * request is bad. */
bool vs_stop_all_begin(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_stop_all_extend(VsEngine *engine, const VsEvent *event, GError **error);

/* The host goes down, or no longer does. */
void vs_stop_all_set_shutdown(VsEngine *engine, bool active);

/* All stops in flight are called off, those of host stops with them; @of_shutdown: only what the
 * host's going down has asked for. */
void vs_stop_all_cancel(VsEngine *engine, const VsRequester *by, bool of_shutdown);

/* Before the guests' stops move: their shares of the time, where a fact of this step has changed
 * them. */
void vs_stop_all_share(VsEngine *engine);

/* After them: who is done, who joins, whose turn it is, whether it is over. */
void vs_stop_all_move(VsEngine *engine);
int64_t vs_stop_all_next_timer(const VsEngine *engine); /* monotonic µs */

/* What a daemon of schema 1 left: of a guest's stop, the host stop that it was a part of, which is
 * made of that. */
void vs_stop_all_take_over_old_part(VsEngine *engine, VsGuest *guest, const VsOldPart *part);

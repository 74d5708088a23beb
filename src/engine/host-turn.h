/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Whose turn it is in a host stop, and how long each may take. When the time is all but over, there
 * are no turns any more. */

/* Those that are being asked, at @uri (NULL: everywhere), get their share of what is left: who
 * takes part, or the time that is left, has changed. */
void vs_host_turn_share_out(VsEngine *engine, VsHostStop *host_stop, const char *uri);

/* @budget: as asked for; 0: as configured, or as long as it takes. The earlier end holds; where
 * nobody said one, those who join have their time, too. */
void vs_host_turn_take_budget(VsEngine *engine, VsHostStop *host_stop, int64_t budget);

/* What @other, which @guest leaves for another host stop, had promised holds for it. */
void vs_host_turn_keep_time(VsEngine *engine, const VsHostStop *other, VsGuest *guest);

/* Those of @part have to be off within @budget µs, whatever the others have. */
void vs_host_turn_shorten(VsEngine *engine, VsHostStop *host_stop, const VsPart *part,
                          int64_t budget);

/* Who takes part, or by when, has changed. */
void vs_host_turn_note_first(VsHostStop *host_stop);

/* All get @span µs more. */
void vs_host_turn_extend(VsEngine *engine, VsHostStop *host_stop, int64_t span);

/* From now on @guest has its share of what is left. */
void vs_host_turn_allow(VsEngine *engine, VsHostStop *host_stop, VsGuest *guest);

/* Its turn has come: now its own time begins. */
void vs_host_turn_release(VsEngine *engine, VsHostStop *host_stop, VsGuest *guest);

/* It takes part no longer: its stop is over; or goes on as a part of another host stop, so that
 * whoever waited for it here has waited for nobody's end. */
void vs_host_turn_done(VsHostStop *host_stop, VsGuest *guest);
void vs_host_turn_leave(VsHostStop *host_stop, VsGuest *guest);

/* Does what is due, and when that is next: monotonic µs. */
void vs_host_turn_move(VsEngine *engine, VsHostStop *host_stop);
int64_t vs_host_turn_next_timer(const VsHostStop *host_stop);

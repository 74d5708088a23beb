/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Which guests run is noted in a file that outlives the boot, so that a host that fails leaves no
 * guest without a record: all runs that have begun, and whose record is not on disk, and who has
 * asked which of them to stop. It is written
 * when that changes, and never for the time alone. A guest on another host lives on when this one
 * fails, and isn't noted. */

void vs_notes_init(VsNotes *notes);
void vs_notes_clear(VsNotes *notes);

/* Facts: what a daemon before us had noted; that a record is on disk; that what is noted is; that
 * this daemon ends; a list came. False with @error where what was kept can't be read. */
bool vs_noted_take_over(VsEngine *engine, const VsEvent *event, GError **error);
void vs_noted_recorded(VsEngine *engine, const VsEvent *event);
void vs_noted_kept(VsEngine *engine, const VsEvent *event);
void vs_noted_farewell(VsEngine *engine);
void vs_noted_listed(VsEngine *engine, const VsEvent *event);

/* The machine: notes the runs of the guests that this step has touched. */
void vs_noted_move(VsEngine *engine);

/* Has it written, where it isn't. */
void vs_noted_save(VsEngine *engine);
int64_t vs_noted_next_timer(const VsEngine *engine);

/* The ids of all runs in @text, a set that the caller owns. */
GHashTable *vs_noted_ids(const char *text);

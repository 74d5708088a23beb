/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A run that came and went between two lists, and is told of only when a list has already found the
 * next one. */

/* What is told is of a run before the one that is known: where that has no record, it is noted. */
void vs_overtaken_note(VsEngine *engine, const VsEvent *event);

/* A STOPPED that names no run was told: true where it is of such a run, which has its record then.
 */
bool vs_overtaken_stopped(VsEngine *engine, VsGuest *guest, int detail);

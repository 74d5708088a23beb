/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* How long a guest took before, when it was asked to go down: asked for where it was asked long
 * before it went down, and this alone can make sure why it did. */

/* Of a run that is over. */
void vs_run_habit_ask(VsEngine *engine, VsGuest *guest);
bool vs_run_habit_is_awaited(const VsRun *run);

/* The fact. */
void vs_run_habit_take(VsEngine *engine, const VsEvent *event);

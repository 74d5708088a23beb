/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/action.h"
#include "core/event.h"

/* How long guests took to go down when they were asked before, out of the history, read beside the
 * main thread: the answers to VS_ACTION_ASK_HABIT. */

typedef struct VsHabits VsHabits;
typedef void (*VsHabitSink)(const VsEvent *event, void *userdata);

VsHabits *vs_habits_new(const char *directory, VsHabitSink sink, void *userdata);
void vs_habits_free(VsHabits *habits);

/* The answer never comes from within this call. */
void vs_habits_ask(VsHabits *habits, const VsAction *action);

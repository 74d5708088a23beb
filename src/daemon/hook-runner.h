/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/action.h"
#include "util/scope.h"

/* Runs the programs of hooks.d for what happens: all of one event at the same time, and those of
 * one guest's events one event after the other. */

typedef struct VsHookRunner VsHookRunner;

typedef void (*VsHookSink)(const VsEvent *event, void *userdata);

/* @sink gets a VS_EVENT_HOOKED for each action, from the main loop. */
VsHookRunner *vs_hook_runner_new(VsHookSink sink, void *userdata);
void vs_hook_runner_free(VsHookRunner *runner);

/* Looks for programs again, and says which may not be run. Whether there are any. */
bool vs_hook_runner_find(VsHookRunner *runner, VsScope scope);

/* char *: those that were found. The runner owns it. */
const GPtrArray *vs_hook_runner_paths(const VsHookRunner *runner);

/* Carries out a VS_ACTION_HOOK. @record: the line of the record that it tells of; or NULL. */
void vs_hook_runner_run(VsHookRunner *runner, const VsAction *action, const char *record);

/* Runs the main loop until all are done, or for @span µs. */
void vs_hook_runner_drain(VsHookRunner *runner, int64_t span);

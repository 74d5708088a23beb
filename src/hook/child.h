/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* A program that is run. */

typedef struct VsHookChild {
    pid_t pid;     /* 0: none */
    int64_t since; /* monotonic µs */
    int status;    /* of one that has ended, as waitpid() tells it */
} VsHookChild;

/* @environment: NAME=VALUE, added to ours; NULL-terminated, as @argv is. */
void vs_hook_child_run(VsHookChild *child, const char *const *argv, const char *const *environment);

/* Whether it still does. */
bool vs_hook_child_runs(VsHookChild *child);

/* Ends it, and if need be kills it; kills it at once. */
void vs_hook_child_end(VsHookChild *child);
void vs_hook_child_kill(VsHookChild *child);

/* Runs a program, without its output, for at most @span µs. Whether it ended with 0. */
bool vs_hook_child_try(const char *const *argv, int64_t span);

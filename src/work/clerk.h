/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "work/threads.h"

/* Does what it is given on a thread beside the main one, one thing after the other. What it does
 * may hang: then all that it was given later waits, and the main thread goes on. All calls are the
 * main thread's. */

typedef struct VsClerk VsClerk;

VsClerk *vs_clerk_new(VsThreads *threads, const char *name);

/* What was not begun is not done any more; what is under way goes on by itself. Of neither is
 * anything told, @destroy apart. */
void vs_clerk_free(VsClerk *clerk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsClerk, vs_clerk_free)

/* @run with @data on the thread, after all that was given before; then @done (or NULL) on the main
 * thread, never from within this call, and @destroy. Where the system has no thread left, @run is
 * called at once. */
void vs_clerk_give(VsClerk *clerk, VsTask run, VsTask done, void *data, GDestroyNotify destroy);

/* How much it was given that isn't run yet, what is under way among it. */
unsigned vs_clerk_n_left(VsClerk *clerk);

/* Waits until all is run, at most @timeout µs. Nothing is told from within. */
bool vs_clerk_wait(VsClerk *clerk, int64_t timeout);

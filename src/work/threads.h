/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Threads that may hang in libvirt and are then left behind, and what they hand to the main thread.
 * All locks are pthread's own, not GLib's: ThreadSanitizer knows them. */

typedef struct VsThreads VsThreads;
typedef void (*VsTask)(void *data);

/* The calling thread counts as the main thread from now on. */
VsThreads *vs_threads_new(void);
VsThreads *vs_threads_ref(VsThreads *threads);
void vs_threads_unref(VsThreads *threads);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsThreads, vs_threads_unref)

bool vs_threads_is_main(const VsThreads *threads);

/* Runs @task on a thread of its own; false (and nothing is run) where the system has none left. */
bool vs_threads_start(VsThreads *threads, const char *name, VsTask task, void *data);

/* From any thread: the main loop calls @deliver with @data, in the order of the posts and never
 * from within this call, then @destroy. Once closed, only @destroy, at once. */
void vs_threads_post(VsThreads *threads, VsTask deliver, void *data, GDestroyNotify destroy);

/* On the main thread: nothing is delivered any more. */
void vs_threads_close(VsThreads *threads);

/* Waits until all threads have ended, at most @timeout µs. */
bool vs_threads_wait(VsThreads *threads, int64_t timeout);

/* CLOCK_MONOTONIC in @span µs from now, for a condition made by vs_threads_condition(). */
struct timespec vs_threads_deadline(int64_t span);
void vs_threads_condition(pthread_cond_t *condition);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/job.h"
#include "work/threads.h"

/* Worker threads for one kind of job. They share a few connections of their own to libvirt, which
 * are opened when there is work and closed after a while without: libvirtd pings each open one
 * every 5 s. */

typedef struct VsPoolSize {
    const char *name;     /* of its threads */
    unsigned connections; /* at most */
    unsigned calls;       /* at once on each connection */
} VsPoolSize;

/* With five calls in flight on a connection libvirtd stops reading from it. */
#define VS_POOL_MAX_CALLS       4
#define VS_POOL_MAX_CONNECTIONS 16

typedef struct VsPool VsPool;

/* @uri: NULL for jobs that need no libvirt. */
VsPool *vs_pool_new(VsThreads *threads, const VsPoolSize *size, const char *uri);
void vs_pool_unref(VsPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsPool, vs_pool_unref)

/* First come, first served; the job's answer() is called when it is done. */
void vs_pool_submit(VsPool *pool, VsJob *job);

/* ... but where one about the same domain waits, or is under way: the domain's hypervisor may hang,
 * and each would hold a thread for as long. This one is forgotten then, without an answer. */
void vs_pool_submit_once(VsPool *pool, VsJob *job);

/* The job of that number, where no thread has begun it yet, is forgotten without an answer. */
void vs_pool_withdraw(VsPool *pool, uint64_t number);

/* No more work is done here. What is not done yet is answered as lost, with @why, or (NULL) not at
 * all; calls that are blocked may end when they will. */
void vs_pool_retire(VsPool *pool, const char *why);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/action.h"
#include "virt/agent-call.h"
#include "virt/oom-count.h"
#include "virt/process.h"

/* One action on its way through a worker thread. */

typedef struct VsResult {
    bool ok;
    int code;         /* not ok: virErrorNumber, or 0 where it isn't libvirt that says so */
    char *message;    /* not ok: why */
    bool lost;        /* not ok: the connection broke, or there was none */
    bool still_there; /* destroy: the process outlived it */
    VsAgentWoke woke; /* agent: whether it was awake as it was asked */
    int64_t took;     /* call: µs that libvirt took, since then */
    GArray *domains;  /* list: of VsDomainInfo; look-up: of the one */
    VsDescription description;
    VsLabels *labels; /* with it; NULL: not known */
    char **lines;     /* log */
    bool in_cluster;  /* the same */
    int operation;    /* job: VsJobOperation */
    VsStats stats;
    VsProcess *process; /* watch: who is told may take both over */
    VsOomCount *count;
    VsProcessEnd end; /* of a process, */
    char *end_line;   /* ... and the line of the kernel's log that tells of it; or NULL */
} VsResult;

void vs_result_clear(VsResult *result);

/* Takes over @message. */
void vs_result_fail(VsResult *result, int code, char *message);

/* As the last error of this thread's libvirt calls on @connection has it. */
void vs_result_fail_libvirt(VsResult *result, virConnectPtr connection);

typedef struct VsJob VsJob;

/* On a worker. @connection is NULL on a pool that has none. Fills @result, which is all zeros. */
typedef void (*VsJobRun)(const VsJob *job, virConnectPtr connection, VsResult *result);

/* On the main thread, once. */
typedef void (*VsJobAnswer)(const VsJob *job, const VsResult *result, void *userdata);

/* On the main thread: it waits for a thread, as all are busy; or it begins now. Never called for
 * one that has not had to wait. */
typedef void (*VsJobHeld)(const VsJob *job, bool held, void *userdata);

struct VsJob {
    gint refs;

    /* What is asked for; never changed. */
    VsDomainId domain;
    uint64_t number; /* the action's call or serial */
    int64_t at;      /* watch: monotonic µs */
    VsMethod method;
    bool bypass_cache;
    bool clears_reboot;
    bool drops_save;
    char **changes; /* to its metadata: "KEY=VALUE"; or NULL */
    bool replace;   /* ... and nothing else stays */
    void *own;      /* g_free()d with the job; or NULL */
    VsAgentCall agent_call;
    VsJobRun run;
    VsJobAnswer answer;
    VsJobHeld held; /* or NULL */
    void *userdata;

    bool waits;      /* the pool's, under its lock */
    bool answered;   /* of the main thread's alone */
    VsResult result; /* the worker's, until it is posted to the main thread */
};

VsJob *vs_job_new(const VsAction *action, VsJobRun run, VsJobAnswer answer, void *userdata);
VsJob *vs_job_ref(VsJob *job);
void vs_job_unref(VsJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsJob, vs_job_unref)

/* On the main thread: tells of it, unless the answer was given. */
void vs_job_tell_held(VsJob *job, bool held);

/* On the main thread: gives the answer, unless it has been given. */
void vs_job_answer(VsJob *job, const VsResult *result);

/* ... that there was no connection, or there no longer is one. */
void vs_job_answer_lost(VsJob *job, const char *why);

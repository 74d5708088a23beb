/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/action.h"
#include "virt/sink.h"
#include "virt/oom-count.h"
#include "virt/process.h"
#include "work/threads.h"

/* The hypervisor processes of one libvirt's guests, and how they end. The kernel tells when one
 * does; until then nothing here runs. All calls are the main thread's. */

typedef struct VsProcesses VsProcesses;

VsProcesses *vs_processes_new(VsThreads *threads, VsVirtSink sink, void *userdata);

/* Of what ends from now on nothing is told. */
void vs_processes_free(VsProcesses *processes);

/* Carries out a VS_ACTION_WATCH: where the process can be watched VS_EVENT_WATCHED says so, and
 * VS_EVENT_PROCESS comes when it has ended. Neither comes from within this call. */
void vs_processes_watch(VsProcesses *processes, const VsAction *action);

/* The same, where the process and its cgroup's count are found already; takes over both. */
void vs_processes_hold(VsProcesses *processes, const VsDomainId *domain, VsProcess *process,
                       VsOomCount *count);

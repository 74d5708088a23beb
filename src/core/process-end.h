/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "util/json.h"

/* How a hypervisor process ended, as far as the host's kernel tells. */

typedef enum VsFate {
    VS_FATE_UNKNOWN, /* the kernel doesn't say, or nobody asked it */
    VS_FATE_EXITED,  /* by itself, with a status */
    VS_FATE_KILLED,  /* by a signal */
    VS_N_FATES
} VsFate;

/* Whether the kernel killed it for want of memory. */
typedef enum VsOom {
    VS_OOM_UNKNOWN, /* nothing that could be read tells */
    VS_OOM_NO,
    VS_OOM_COUNTED, /* its cgroup had one more process killed so, which may have been another */
    VS_OOM_NAMED,   /* the kernel's log names it */
    VS_N_OOMS
} VsOom;

/* Linux's numbers. */
enum {
    VS_SIGKILL = 9,
    VS_MAX_SIGNAL = 64,
};

typedef struct VsProcessEnd {
    VsFate fate;
    int number; /* EXITED: the status; KILLED: the signal */
    VsOom oom;
} VsProcessEnd;

const char *vs_oom_name(VsOom oom); /* "unknown", "no", "counted", "named" */
bool vs_oom_parse(const char *name, VsOom *ret);

/* "SIGKILL", "SIGRTMIN+3"; NULL: a number that has no name. And back; 0: no such name. */
const char *vs_signal_name(int number);
int vs_signal_number(const char *name);

/* Whether a process that goes wrong brings that signal upon itself, as a rule. */
bool vs_signal_is_crash(int number);

/* The members "status" or "signal", and "oom" where that is known, as the evidence, the traces and
 * the run state have them; and back. What isn't understood is not known. */
void vs_process_end_to_json(const VsProcessEnd *end, json_object *object);
VsProcessEnd vs_process_end_from_json(json_object *object);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/client.h"

/* The hook's parts. Whatever it depends on may be dead, hung or broken, and is nobody's to mend any
 * more: systemd starts nothing while the host goes down. */

/* Where things are, and how patient the hook is, µs. A test has others. */
typedef struct VsHookSetup {
    const char *systemd;   /* its own socket, as a bus address */
    const char *virtstopd; /* the program */
    const char *scratch;   /* made for what virtstopd can't have in its usual place */
    int64_t call;          /* what a call may take */
    int64_t ask;           /* until systemd has said whether the host goes down */
    int64_t back;          /* until a virtstopd that went away is back by itself */
    int64_t start;         /* until one that was run answers */
    int64_t hang;          /* until one that doesn't answer is killed */
    int64_t silence;       /* until the hook gives up, nobody having answered */
} VsHookSetup;

VsExit vs_hook_run_with(VsCtl *ctl, const VsHookSetup *setup);

/* hook-system.c: what systemd and its friends know. */

typedef enum VsHostState {
    VS_HOST_STAYS,
    VS_HOST_GOES_DOWN,
    VS_HOST_NOT_KNOWN,
} VsHostState;

VsHostState vs_hook_ask_host(VsCtl *ctl, const VsHookSetup *setup);

/* By its own socket, for the system bus may be on its way out; the caller closes it. NULL: it isn't
 * there, or doesn't answer. */
sd_bus *vs_hook_open_systemd(const VsCtl *ctl, const VsHookSetup *setup);

/* hook-child.c: a program that is run. */

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

/* hook-daemon.c: a virtstopd of the hook's own. */

typedef struct VsHookDaemon {
    const VsHookSetup *setup;
    VsHookChild child;
    bool answered;        /* since it was run */
    unsigned n_failed;    /* how often it ended too early, one time after the other */
    int64_t next;         /* monotonic µs: not run again before */
    bool without_conf;    /* by the built-in defaults */
    unsigned n_elsewhere; /* of its directories, that it has in scratch */
} VsHookDaemon;

/* To be called again and again while nobody has virtstopd's name on the bus: runs it, and again
 * when it has ended, with less of what it may have ended for. */
void vs_hook_daemon_tend(VsHookDaemon *daemon);

/* There is one that answers. */
void vs_hook_daemon_answered(VsHookDaemon *daemon);

/* Kills the one that has the name on the bus and doesn't answer. */
void vs_hook_daemon_kill_hung(VsCtl *ctl);

/* It has been tried often enough. */
bool vs_hook_daemon_is_hopeless(const VsHookDaemon *daemon);

/* hook-bus.c: a system bus of the hook's own. */

typedef struct VsHookBus {
    VsHookChild child;
    int64_t since; /* monotonic µs: it can't be reached since then; 0: it can */
    int64_t next;  /* ... : looked after again */
} VsHookBus;

/* To be called again and again while the bus can't be reached, and once when it can. */
void vs_hook_bus_tend(VsHookBus *bus, const VsCtl *ctl, const VsHookSetup *setup);
void vs_hook_bus_reached(VsHookBus *bus);

/* hook-libvirt.c: libvirt daemons of the hook's own. */

typedef struct VsHookLibvirt VsHookLibvirt;

VsHookLibvirt *vs_hook_libvirt_new(const VsCtl *ctl, const VsHookSetup *setup);

/* To be called every second: @away are the URIs where libvirt isn't connected (NULL: not known). */
void vs_hook_libvirt_tend(VsHookLibvirt *libvirt, const GPtrArray *away);

/* Ends those that were run, too. */
void vs_hook_libvirt_free(VsHookLibvirt *libvirt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsHookLibvirt, vs_hook_libvirt_free)

/* hook-list.c: what a list of VsWaited says. */

/* How those stand that are not over, for people, and how many they are. The caller owns it. */
char *vs_hook_describe(const VsCtl *ctl, const GPtrArray *list, unsigned *ret_left);

/* What the longest ladder of theirs takes, µs; 0: there is none. */
int64_t vs_hook_longest(const GPtrArray *list);

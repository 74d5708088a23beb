/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "hook/child.h"
#include "hook/setup.h"

/* A virtstopd of the hook's own. */

typedef struct VsHookDaemon {
    const VsHookSetup *setup;
    VsHookChild child;
    bool answered;        /* since it was run */
    unsigned n_failed;    /* how often it ended too early, one time after the other */
    int64_t next;         /* monotonic µs: not run again before */
    int64_t locked_since; /* monotonic µs: another one lives, and isn't on the bus; 0: none that is
                             known of */
    bool without_conf;    /* by the built-in defaults */
    bool as_root;         /* not as its own user */
    unsigned n_elsewhere; /* of its directories, that it has in scratch */
} VsHookDaemon;

/* To be called again and again while nobody has virtstopd's name on the bus: runs it, and again
 * when it has ended, with less of what it may have ended for. */
void vs_hook_daemon_tend(VsHookDaemon *daemon);

/* There is one that answers. */
void vs_hook_daemon_answered(VsHookDaemon *daemon);

/* Kills the one that has the name on the bus and doesn't answer. */
void vs_hook_daemon_kill_hung(VsClient *client);

/* Has it run by root from now on, and kills the one that has the name on the bus and isn't: what
 * that may not do, root may. Once, and not where there is no such user. */
void vs_hook_daemon_raise(VsHookDaemon *daemon, VsClient *client);

/* It has been tried often enough. */
bool vs_hook_daemon_is_hopeless(const VsHookDaemon *daemon);

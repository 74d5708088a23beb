/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/scope.h"

/* The hook's parts. Whatever it depends on may be dead, hung or broken, and is nobody's to mend any
 * more: systemd starts nothing while the host goes down. */

/* Where things are, and how patient the hook is, µs. A test has others. */
typedef struct VsHookSetup {
    VsScope scope;         /* whose guests */
    const char *systemd;   /* its own socket, as a bus address */
    const char *virtstopd; /* the program */
    const char *owned;     /* whose owner virtstopd ran as last: its usual runtime directory */
    const char *scratch;   /* made for what virtstopd can't have in its usual place */
    int64_t call;          /* what a call may take */
    int64_t ask;           /* until systemd has said whether the host goes down */
    int64_t back;          /* until a virtstopd that went away is back by itself */
    int64_t start;         /* until one that was run answers */
    int64_t hang;          /* until one that doesn't answer is killed */
    int64_t silence;       /* until the hook gives up, nobody having answered */
} VsHookSetup;

/* The usual one. The caller keeps @ret_owned, which is his, as long as he uses it. */
VsHookSetup vs_hook_setup_usual(VsScope scope, GPtrArray **ret_owned);

/* What it is that ends. */
typedef struct VsHookEnd {
    bool host;             /* the host itself, not a user's session */
    const char *reason;    /* N_(): of the stop, where the request has none; NULL: virtstopd's */
    const char *stays;     /* N_(): to be said where it doesn't, ... */
    const char *not_known; /* N_(): ... and where nobody says whether it does */
} VsHookEnd;

const VsHookEnd *vs_hook_end(VsScope scope);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

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

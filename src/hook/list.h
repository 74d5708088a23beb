/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/stop-wait.h"

/* What a list of VsWaited says. */

/* How those stand that are not over, for people, and how many they are. The caller owns it. */
char *vs_hook_describe(const VsClient *client, const GPtrArray *list, unsigned *ret_left);

/* What the longest ladder of theirs takes, µs; 0: there is none. */
int64_t vs_hook_longest(const GPtrArray *list);

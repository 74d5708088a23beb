/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "core/ladder.h"

/* How guests are stopped where the request doesn't say. */
typedef struct VsPolicy {
    VsLadder ladder;
    bool resume_paused; /* Paused=resume: let a paused guest run, so that it can be asked */
} VsPolicy;

/* Ladder=agent:60s power-button:120s destroy, Paused=resume */
void vs_policy_init(VsPolicy *policy);

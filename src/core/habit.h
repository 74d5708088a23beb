/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/json.h"

/* How long a guest took for it, the last times that it was asked to go down and did. */

#define VS_HABIT_TIMES 3

typedef struct VsHabit {
    unsigned n;
    int64_t took[VS_HABIT_TIMES]; /* µs, in any order */
} VsHabit;

/* Takes note of a stop record, unless @habit is full. The newest come first. */
void vs_habit_take(VsHabit *habit, json_object *record);

/* Whether it took about that long (µs) each of these times. */
bool vs_habit_fits(const VsHabit *habit, int64_t took);

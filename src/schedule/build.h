/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "core/labels.h"

typedef struct VsSchedule VsSchedule;

/* A guest that is to go down. */
typedef struct VsScheduleGuest {
    const char *name;
    int64_t asking;  /* µs that its ladder gives it, without a destroy */
    int64_t reserve; /* µs kept for its destroy; 0: it is never destroyed */
    const char *uuid, *uri;
    const VsLabels *labels; /* these are for those whom the policy doesn't mean by name; or NULL */
} VsScheduleGuest;

/* All of the schedule that doesn't change afterwards: who before whom, priorities, and the order of
 * asking. For schedule.c, which gives @schedule the room for @guests. */
void vs_schedule_build(VsSchedule *schedule, const VsPolicy *policy, const VsScheduleGuest *guests);

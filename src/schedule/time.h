/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schedule/nodes.h"

/* How long each guest may take. */

/* Once the schedule is built, and before anybody is asked. */
void vs_times_init(VsSchedule *schedule);

/* Node @number is asked, or done without. */
void vs_times_asked(VsSchedule *schedule, unsigned number);

/* As vs_schedule_allow() says, of the guest at @node. */
int64_t vs_times_allow(const VsSchedule *schedule, VsNode *node, int64_t left);

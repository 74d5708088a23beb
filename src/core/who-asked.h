/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/qemu-log.h"
#include "core/run.h"
#include "core/verdict.h"

/* Of a guest whose system came down in order: who had asked it to. */

/* Monotonic µs: as of when what was asked is looked at. @seen: its SHUTDOWN was told. */
int64_t vs_who_asked_as_of(const VsRun *run, const VsQemuLog *log, bool seen);

/* The cause, and how sure it is. */
void vs_who_asked_judge(const VsRun *run, const VsQemuLog *log, bool seen, VsVerdict *ret);

/* Whether it came down so long after it was asked that how long it took before can decide. */
bool vs_who_asked_by_habit(const VsRun *run);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A boot of the host is over, and guests that were noted to run in it have no record: each gets
 * one. What it says depends on how that boot ended, for which its journal is asked. */

/* Facts: how it ended. */
void vs_host_failure_boot_ended(VsEngine *engine, const VsEvent *event);

/* ... that such a record is on disk. Before vs_noted_recorded(). */
void vs_host_failure_recorded(VsEngine *engine, const VsEvent *event);

/* The machine. */
void vs_host_failure_move(VsEngine *engine);
int64_t vs_host_failure_next_timer(const VsEngine *engine);

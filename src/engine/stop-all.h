/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The machine of the host stops: who joins, and when it is over. Each guest waits for its turn, and
 * goes down its ladder like any other then. */

/* The host stop is over; the stops themselves go on, or are called off, each by itself. */
void vs_stop_all_end(VsEngine *engine, VsHostStop *host_stop, bool called_off);

/* Before the guests' stops move: their shares of the time, where a fact of this step has changed
 * them. */
void vs_stop_all_share(VsEngine *engine);

/* After them: who is done, who joins, whose turn it is, whether it is over. */
void vs_stop_all_move(VsEngine *engine);
int64_t vs_stop_all_next_timer(const VsEngine *engine); /* monotonic µs */

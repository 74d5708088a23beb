/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Who takes part in a host stop, and in which order. */

/* Every guest that runs, is meant, and has no stop yet gets one; of whom that isn't known yet it is
 * waited for. Whether there was any. */
bool vs_host_members_queue(VsEngine *engine, VsHostStop *host_stop);

/* Draws up the order of all that take part: of those whose stop is under way, it only keeps count.
 * @asked_now: somebody asks for it just now, and stops asked for by themselves become part of it.
 */
void vs_host_members_draw_up(VsEngine *engine, VsHostStop *host_stop, bool asked_now);

/* Nobody takes part any more; the stops themselves are left to each. */
void vs_host_members_leave(VsHostStop *host_stop);

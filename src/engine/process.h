/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A guest's hypervisor process: that it is watched, and what is told of its end. That it ended is
 * no end of the run: libvirt says when that is over. */

/* Facts. It is watched; it ended. */
void vs_process_watched(VsEngine *engine, const VsEvent *event);
void vs_process_ended(VsEngine *engine, const VsEvent *event);

/* Has the process of a run watched, as soon as the run is seen. */
void vs_process_move(VsEngine *engine, VsGuest *guest);

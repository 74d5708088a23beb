/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/qemu-log.h"
#include "core/verdict.h"
#include "engine/store.h"

/* Who may have asked libvirt to end a guest, where we didn't. Whoever destroys, saves or migrates
 * it waits for libvirt's answer, which comes with STOPPED; libvirt looks for the process's end only
 * each 200 ms. So they are among those who are connected between that and STOPPED, and are asked
 * for then, once a run. What libvirt tells of the signal that it sent is no earlier than STOPPED.
 */

/* Its process ended, or was sent a signal: that may be libvirt's doing, for somebody. */
void vs_run_candidates_ask(VsEngine *engine, VsGuest *guest);

/* The answer. */
void vs_run_candidates_take(VsEngine *engine, const VsEvent *event);

/* Whether its record waits for that. */
bool vs_run_candidates_are_awaited(const VsRun *run);

/* Those that the record names; NULL: none. An answer tells nothing of a moment when whoever asked
 * may have had his. The caller owns the result. */
json_object *vs_run_candidates_tell(const VsGuest *guest, const VsVerdict *verdict,
                                    const VsQemuLog *log);

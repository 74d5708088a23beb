/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A run's end: how it was noticed, and the machine that waits for what libvirt tells of it, for the
 * answer to our own destroy, for the hypervisor's log, and for its record to be written. */

/* Facts. It ended, with that VsStoppedDetail; a list or look-up found it in that state; another
 * took its place unseen. The run has to be alive, or to be missed. */
void vs_run_end_stopped(VsEngine *engine, VsGuest *guest, int detail);
void vs_run_end_found(VsEngine *engine, VsGuest *guest, VsDomainState state, int reason);
void vs_run_end_replaced(VsEngine *engine, VsGuest *guest);

/* The same, as a list or look-up found: events of the one before may still be on their way. */
void vs_run_end_found_other(VsEngine *engine, VsGuest *guest);

/* STOPPED was told, with that detail, of this run or the one before: libvirt is asked. */
void vs_run_end_doubted(VsEngine *engine, VsGuest *guest, int detail);

/* Whether STOPPED with that detail is told of the run that has ended, in place of what was told
 * first. */
bool vs_run_end_amends(const VsGuest *guest, int detail);

/* It hasn't ended: whatever said so was about another, or about a reboot. */
void vs_run_end_not(VsRun *run);

/* The log is there: the record is made. */
void vs_run_end_log(VsEngine *engine, const VsEvent *event);

/* The domain was defined anew, as reverting it to a snapshot ends. */
void vs_run_end_defined(VsEngine *engine, VsGuest *guest);

/* Its record is on disk, or can't be for now. */
void vs_run_end_recorded(VsEngine *engine, const VsEvent *event);

/* Before an event of the next run is taken: the record of the one before is made now, with what
 * there is. */
void vs_run_end_give_way(VsEngine *engine, VsGuest *guest, const VsEvent *event);

/* The machine. */
void vs_run_end_move(VsEngine *engine, VsGuest *guest);
int64_t vs_run_end_next_timer(const VsEngine *engine, const VsGuest *guest); /* monotonic µs */

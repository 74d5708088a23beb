/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Runs that began and ended while virtstopd, or libvirt's connection, was away. Only the
 * hypervisor's log tells of them; where it doesn't, nothing is said. */

/* Has the log of @guest read, where somebody was away before this connection: a list shows it. */
void vs_unseen_ask(VsEngine *engine, const VsConnection *connection, const VsGuest *guest);

/* Has a record written for each run that @lines (NULL-terminated, or NULL) tell of, began after
 * @since (realtime µs) and is over. */
void vs_unseen_record(VsEngine *engine, VsGuest *guest, char *const *lines, int64_t since);

/* The answer to what was asked. */
void vs_unseen_take(VsEngine *engine, const VsEvent *event);

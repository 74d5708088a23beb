/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/conduct.h"
#include "util/scope.h"

/* Begins and ends all that the daemon is made of. */

/* @uris: NULL-terminated, or NULL for the configured ones. Reads the configuration, opens the
 * history and the run state; an error names what is wrong there. */
VsManager *vs_manager_new(VsScope scope, char **uris, GError **error);
void vs_manager_free(VsManager *manager);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsManager, vs_manager_free)

/* Takes over what a daemon before us left, and starts to listen to libvirt. The bus is served, and
 * systemd told that we are ready, when the guests are known, and kept, so that the first who asks
 * gets an answer; but not much later where a libvirt isn't there. */
void vs_manager_start(VsManager *manager);

/* The daemon is about to end: what a daemon after it has to know of that is kept. */
void vs_manager_say_farewell(VsManager *manager);

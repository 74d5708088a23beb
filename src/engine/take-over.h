/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What survives the daemon: a guest's run and its stop, and the host stops; and how a daemon takes
 * over what one before it left. */

/* The text of a VS_ACTION_SAVE; the caller owns it. */
char *vs_take_over_text(const VsEngine *engine, const VsGuest *guest);

/* False with @error where what was kept can't be read: nothing has changed then. */
bool vs_take_over_guest(VsEngine *engine, const VsEvent *event, GError **error);
bool vs_take_over_host_stops(VsEngine *engine, const VsEvent *event, GError **error);

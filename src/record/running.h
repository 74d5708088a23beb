/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Which guests ran when all were stopped, for when the host is up again: running.json in the state
 * directory. The text is the engine's; here it is only kept. */

/* Written and synced: it has to outlive the power-off that follows. @text NULL: nothing any more.
 */
bool vs_running_save(const char *directory, const char *text, GError **error);

/* @ret is NULL where nothing is kept; the caller owns it. */
bool vs_running_load(const char *directory, char **ret, GError **error);

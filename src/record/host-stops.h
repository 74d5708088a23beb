/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The stops of all guests, and what ran before them, for when the host is up again:
 * host-stops.json in the state directory. The text, a JSON object, is the engine's; here it is only
 * kept, with the boot that it is of. */

/* Written and synced: it has to outlive the power-off that follows. @text NULL: nothing any more.
 */
bool vs_host_stops_file_save(const char *directory, const char *boot_id, const char *text,
                             GError **error);

/* @ret is NULL where nothing is kept; the caller owns it. @ret_same_boot: it was kept since the
 * host booted. What an older version kept, in running.json, is read where
 * there is nothing newer. */
bool vs_host_stops_file_load(const char *directory, const char *boot_id, char **ret,
                             bool *ret_same_boot, GError **error);

/* What can't be read is set aside, see vs_file_set_aside(). */
char *vs_host_stops_file_set_aside(const char *directory, GError **error);

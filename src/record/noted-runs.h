/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Which guests run, for when the host fails: running-guests.json in the state directory. The text,
 * a JSON object, is the engine's; here it is only kept, with the boot and the machine that it is
 * of. */

/* Written and synced. @text: one object, that is not empty; NULL: none runs. */
bool vs_noted_runs_save(const char *directory, const char *boot_id, const char *text,
                        GError **error);

/* @ret is NULL where nothing is kept; the caller owns it. @ret_same_boot: it was kept since the
 * host booted. False with @error where it can't be read, or is of another machine: then that may be
 * a copy of its disk, and its guests run there. */
bool vs_noted_runs_load(const char *directory, const char *boot_id, char **ret, bool *ret_same_boot,
                        GError **error);

/* Realtime µs: when its file was put there, or changed in any other way; 0: not known. */
int64_t vs_noted_runs_changed_at(const char *directory);

/* What can't be used is set aside, see vs_file_set_aside(). */
char *vs_noted_runs_set_aside(const char *directory, GError **error);

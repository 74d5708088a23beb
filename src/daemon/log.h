/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <syslog.h>

/* The daemon's own log: lines on standard error, with the priority in front where that is the
 * journal. */
void vs_log(int level, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Whether that is the journal: then what it gets as an entry of its own needn't be logged, too. */
bool vs_log_is_journal(void);

/* That a file can't be used, for @why, and is set aside as @aside; or, where that is NULL, that it
 * can't be, for @error, if that is known. */
void vs_log_set_aside(const char *why, const char *aside, const GError *error);

/* From here on, until the end, nobody waits for whoever reads the log: a thread writes it, and what
 * is too much for a reader that sleeps is lost, and counted. The end waits a second at most. */
void vs_log_begin(void);
void vs_log_end(void);

/* Takes in what the other rooms, and GLib itself, say by g_message() and the like. */
void vs_log_adopt_glib(void);

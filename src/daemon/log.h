/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <syslog.h>

/* The daemon's own log: lines on standard error, with the priority in front where that is the
 * journal. */
void vs_log(int level, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Takes in what the other rooms, and GLib itself, say by g_message() and the like. */
void vs_log_adopt_glib(void);

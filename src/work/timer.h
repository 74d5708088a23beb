/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A source that calls @fire with @data each time its ready time has come, and has none to begin
 * with: see g_source_set_ready_time(). Not attached; the caller owns it. */
GSource *vs_timer_new(GSourceFunc fire, void *data);

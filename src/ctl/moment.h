/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A moment as man 7 systemd.time writes it, and as a record does: "now", "today", "yesterday",
 * "-2h", "2h ago", "10:00", "2026-11-28 10:00", "2026-11-28T10:00:00Z", "@1795600000". What isn't
 * said is 0, the day is today, the place here.
 *
 * @now and @ret_real: realtime µs. The error says what is allowed. */
bool vs_moment_parse(const char *text, int64_t now, int64_t *ret_real, GError **error);

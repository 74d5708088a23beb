/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* RFC 3339 in UTC with microseconds, as the records carry it: "2026-11-23T02:10:00.123456Z".
 * @realtime_usec counts from the epoch. The caller owns the result. Reads no clock. */
char *vs_wallclock_format(int64_t realtime_usec);

/* Reads that form, and the two that QEMU's log carries: "2026-11-22T19:47:07.108934Z" and
 * "2026-11-22 19:47:08.711+0000". Parsing stops behind the time; @ret_end, if not NULL, is set to
 * there. False where @text doesn't begin with such a time. */
bool vs_wallclock_parse(const char *text, int64_t *ret_realtime_usec, const char **ret_end);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Times as people here read them, in local time. The caller owns the results. */

char *vs_when_time(int64_t realtime_usec);  /* "2026-11-23 03:10:00" */
char *vs_when_zoned(int64_t realtime_usec); /* "2026-11-23 03:10:00 CET" */
char *vs_when_exact(int64_t realtime_usec); /* "2026-11-23 03:10:00.123" */
char *vs_when_clock(int64_t realtime_usec); /* "03:10:00" */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Time spans as man 7 systemd.time writes them: "90", "90s", "1min 30s", "2h", "500ms". A number
 * without a unit is seconds. */

#define VS_USEC_PER_MSEC INT64_C(1000)
#define VS_USEC_PER_SEC  INT64_C(1000000)
#define VS_USEC_INFINITY INT64_MAX

/* Parses @text into microseconds (0 or more; "infinity" is VS_USEC_INFINITY). The error's message
 * names @text and what is allowed. */
bool vs_span_parse(const char *text, int64_t *ret_usec, GError **error);

/* The shortest exact form, such as "1min 30s" or "500ms", without spaces where @compact is set
 * ("1min30s"), which vs_span_parse() reads back. The caller owns the result. */
char *vs_span_format(int64_t usec, bool compact);

/* The same for people, in their language and no more exact than one wants to read it: "20 ms",
 * "3.2 s", "38 s", "1 min 30 s", "2 h 5 min", "no limit"; less than 0 is 0. So it stands in every
 * sentence and table; what can be pasted into the configuration is written by vs_span_format(). The
 * caller owns the result. */
char *vs_span_say(int64_t usec);

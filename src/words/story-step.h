/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* A step of a stop in words. */

/* Its method as it stands in a sentence, "guest agent"; NULL: not known here. */
const char *vs_story_method(const char *method);

/* "guest agent: it went down after 3.2 s", of a record's words for both; no span where @took is 0.
 * NULL while it lasts: @result is NULL or "". Both may be what somebody else wrote. The caller owns
 * it. */
char *vs_story_step(const char *method, const char *result, int64_t took);

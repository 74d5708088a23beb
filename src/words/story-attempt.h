/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "util/json.h"

/* A line of requests.jsonl as one of a story: when, what, and who had asked for the stop, why. Ends
 * with a newline. @local: its uids are this host's. The caller owns it. */
char *vs_story_attempt(json_object *line, bool local);

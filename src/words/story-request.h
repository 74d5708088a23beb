/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "util/json.h"

/* The part of a story that is about the request. */

/* Who had asked, why, and what each step came to; or that nobody had. */
void vs_story_append_request(GString *story, json_object *record, bool local);

/* "root (virtstopctl, pid 4711, session-3.scope)". @by is a request's; @local: its uid is this
 * host's. The caller owns it. */
char *vs_story_requester(json_object *by, bool local);

/* A user's name, where @local and there is one, or "uid 1000". The caller owns it. */
char *vs_story_user(uint32_t uid, bool local);

/* Who is behind a request: "root", or "alice as root" where somebody who had logged in as another
 * became that, or "somebody". The caller owns it. */
char *vs_story_human(json_object *by, bool local);

/* What somebody else did with a guest that was to stop, in the place of how the request came out;
 * NULL: nothing of the kind. */
const char *vs_story_otherwise(json_object *record);

/* How a stop came out, by its outcome's name: "it was off already". The caller owns it. */
char *vs_story_outcome(const char *outcome);

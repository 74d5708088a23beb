/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "util/json.h"

/* A stop record told to people. Everything in a record is data that somebody else wrote: what is
 * missing or of another type is passed over, and nothing of it reaches the terminal unescaped. The
 * caller owns the results. */

/* Plain sentences, one a line: what ended the guest, when, how it went, who had asked, how sure
 * that is.
 * @local: its uids are this host's. */
char *vs_story_tell(json_object *record, bool local);

/* "off after 3.2 s, clean (it obeyed the guest agent)". */
char *vs_story_short(json_object *record);

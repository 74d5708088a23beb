/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/picture.h"

/* Whether a guest is of a part may hang on what its XML says, and whether it takes part at all on
 * whether it is persistent. Both are read when it is first seen to run, so a guest that was started
 * just now, or whose libvirt came just now, isn't judged before, but for one of whom nobody answers
 * that. */

/* Monotonic µs: until when what decides whether @guest is of @part (NULL: of all) is waited for; 0:
 * it is known, or isn't waited for any more. */
int64_t vs_undecided_until(const VsEngine *engine, const VsPart *part, const VsGuest *guest);

/* Whether anything is being read that may decide who is of @part, be it for the first time or
 * anew. */
bool vs_undecided_any(const VsEngine *engine, const VsPart *part);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The guest that an event of a running one is about, with its run. A domain that we never heard of
 * runs, or there would be no event. One that we know to be off, or gone, doesn't: that event is a
 * straggler, and NULL. */
VsGuest *vs_event_guest(VsEngine *engine, const VsEvent *event);

/* Whether an event comes late, of a run before the one that a list or look-up has shown already:
 * that run has its record, or gets it without. */
bool vs_event_is_of_past_run(const VsEngine *engine, const VsEvent *event);

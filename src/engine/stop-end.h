/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What a guest is asked no longer, and the end of its stop. */

/* Nobody got to its call, and nobody will: the guest was not asked, then, unless the call is one
 * that was lost, made again. */
void vs_stop_take_back(VsGuest *guest);

/* The call that is out, if any, is waited for no more; one that nobody got to is withdrawn. */
void vs_stop_drop_call(VsEngine *engine, VsGuest *guest);

/* The stop is over, so. What its guest was asked can't be taken back: it may still go down for it.
 */
void vs_stop_end(VsEngine *engine, VsGuest *guest, VsOutcome outcome);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A save that doesn't finish in its time. libvirt goes on with it whoever waits for it, and holds
 * the guest paused and its job meanwhile: so it is aborted, and what it has written is removed by
 * whoever made the call, as it fails. */

/* The save that the stop's step has begun is under way, as far as is known. */
bool vs_save_goes_on(const VsStop *stop);

/* ... and was cut off: what is awaited is only that the guest runs again. */
bool vs_save_is_cut(const VsStop *stop);

/* Has it aborted. Its step came to @result; the next one is taken when libvirt has answered, or
 * some seconds later. */
void vs_save_cut(VsEngine *engine, VsGuest *guest, const char *result);

/* Has it aborted, and doesn't wait for that. Where no save goes on it does nothing. */
void vs_save_abandon(VsEngine *engine, VsGuest *guest);

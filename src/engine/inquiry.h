/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Somebody names a domain that isn't known, or is known to be off. It may have been started just
 * now, and nothing have told of that yet: each libvirt that may have it is asked once more, before
 * anybody is told so. One that is only being started is waited for.
 *
 * Or somebody is about to stop a part of the guests, and who is of it is only being read. */

/* VS_EVENT_INQUIRE: begins it. False with @error where there is nobody to be asked. */
bool vs_inquiry_begin(VsEngine *engine, const VsEvent *event, GError **error);

/* VS_EVENT_FOUND: takes what libvirt has. */
void vs_inquiry_take(VsEngine *engine, const VsEvent *event);

/* VS_ACTION_INQUIRED, for each that is over. */
void vs_inquiries_move(VsEngine *engine);
int64_t vs_inquiries_next_timer(const VsEngine *engine);

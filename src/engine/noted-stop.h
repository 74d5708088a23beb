/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What is noted of a guest's stop in flight, so that the record of a guest that was going down as
 * the host failed says who had asked for that, and why. */

typedef enum VsNotedChange {
    VS_NOTED_SAME,
    VS_NOTED_MORE, /* it has begun, or is a part of something else now */
    VS_NOTED_ANEW, /* its guest's turn has come, and it begins only now */
    VS_NOTED_LESS, /* there is none any more */
} VsNotedChange;

void vs_noted_stop_clear(VsNotedStop *noted);

/* Takes what there is to be noted of @guest now. How far its steps came isn't. */
VsNotedChange vs_noted_stop_take(VsNotedStop *noted, const VsEngine *engine, const VsGuest *guest);

/* As the file has it; NULL: there is none. The caller owns it. */
json_object *vs_noted_stop_to_json(const VsNotedStop *noted);

/* @object: as above, may be NULL. False: something is missing. */
bool vs_noted_stop_from_json(VsNotedStop *ret, json_object *object);

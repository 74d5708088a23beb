/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/event.h"
#include "daemon/write.h"

/* Which guests a daemon before us had noted to run, in this boot of the host or in one before. */

/* Takes an event to the engine. */
typedef bool (*VsLeftTakeOver)(const VsEvent *event, GError **error, void *userdata);

/* VS_EVENT_TAKE_OVER_NOTED. What can't be used is said, and set aside. */
void vs_left_take_over_noted(const VsWritePlaces *places, VsLeftTakeOver take_over, void *userdata);

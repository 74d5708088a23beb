/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What a guest's XML says of its policy was read: it counts from now on, but for metadata that is
 * refused, whose last good state stays. */
void vs_guest_labels_take(VsEngine *engine, VsGuest *guest, const VsLabels *labels);

/* VS_EVENT_LABELLED. */
void vs_guest_labels_event(VsEngine *engine, const VsEvent *event);

/* The definition of a guest that is off has changed: what it says isn't known any more. */
void vs_guest_labels_drop(VsEngine *engine, VsGuest *guest);

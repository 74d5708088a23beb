/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/action.h"

/* Finds out how boots of the host before this one ended. A journal on a slow disk holds up nobody.
 */

typedef struct VsHostEnds VsHostEnds;

/* VS_EVENT_BOOT_ENDED. */
typedef void (*VsHostEndsSink)(const VsEvent *event, void *userdata);

VsHostEnds *vs_host_ends_new(VsHostEndsSink sink, void *userdata);
void vs_host_ends_free(VsHostEnds *ends);

/* VS_ACTION_ASK_BOOT. */
void vs_host_ends_ask(VsHostEnds *ends, const VsAction *action);

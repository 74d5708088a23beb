/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/bus.h"
#include "daemon/recorder.h"
#include "engine/engine.h"

/* When virtstopd is there for others: as soon as it knows its guests, and a daemon after it would
 * know of them, too; or after some seconds all the same. Tells systemd then. */

typedef struct VsServing VsServing;

/* All of them outlive it; @uris ends with NULL. */
VsServing *vs_serving_new(VsBus *bus, const VsEngine *engine, const VsRecorder *recorder,
                          const char *const *uris);
void vs_serving_free(VsServing *serving);

/* libvirt is being connected to from now on. */
void vs_serving_begin(VsServing *serving);

/* After the engine took @event. */
void vs_serving_look(VsServing *serving, const VsEvent *event);

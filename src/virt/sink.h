/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/event.h"

/* Who is told of events: on the main thread, in GLib's default main context. @event holds during
 * the call only. */
typedef void (*VsVirtSink)(const VsEvent *event, void *userdata);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/event.h"
#include "virt/threads.h"

/* One connection that libvirt's events come in on. */

typedef struct VsListener VsListener;

typedef void (*VsHeard)(const VsEvent *event, void *userdata);
typedef void (*VsHungUp)(const char *why, void *userdata);

/* Connects to @uri and registers for its events; blocks, so it is called on a worker. What happens
 * from now on is kept until somebody listens. NULL: @error is what libvirt says. */
VsListener *vs_listener_open(VsThreads *threads, const char *uri, GError **error);

/* On the main thread: @heard is called with what was kept and with all that will come, @hung_up
 * once, when the connection breaks (never from within this call). */
void vs_listener_listen(VsListener *listener, VsHeard heard, VsHungUp hung_up, void *userdata);

/* On the main thread: nothing more is heard. Takes over the reference; the connection is closed on
 * a thread of its own. */
void vs_listener_close(VsListener *listener);

/* The same for a listener that nobody has listened to, on a worker. Blocks. */
void vs_listener_discard(VsListener *listener);

/* For the callbacks. */
VsListener *vs_listener_ref(VsListener *listener);
void vs_listener_unref(void *listener);
const char *vs_listener_uri(const VsListener *listener);
void vs_listener_tell(VsListener *listener, const VsEvent *event);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "virt/inbox.h"

/* One libvirt connection, open for its events only. */

typedef struct VsListener VsListener;

/* Connects to @uri and registers for its events; blocks, so it is called on a worker. What happens
 * from now on is kept until somebody listens. NULL: @error is what libvirt says. */
VsListener *vs_listener_open(VsThreads *threads, const char *uri, GError **error);

/* Whether that libvirt stops guests itself when the host goes down, as it was when this was opened.
 */
bool vs_listener_stops_guests(const VsListener *listener);

/* On the main thread, see vs_inbox_listen(). */
void vs_listener_listen(VsListener *listener, VsVirtSink heard, VsHungUp hung_up, void *userdata);

/* On the main thread: nothing more is heard. Takes over the listener; the connection is closed on a
 * thread of its own. */
void vs_listener_close(VsListener *listener);

/* The same for a listener that nobody has listened to, on a worker. Blocks. */
void vs_listener_discard(VsListener *listener);

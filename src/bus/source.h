/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <systemd/sd-event.h>

/* sd-event inside GLib's main loop, as systemd's manual page glib-event-glue shows it. The source
 * keeps a reference to @event; the caller attaches it, destroys it and drops it. Its callback,
 * where one is set, is called after each dispatch. */
GSource *vs_bus_source_new(sd_event *event);

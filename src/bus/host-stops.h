/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The host stops, which all are the engine's, and what the bus was told of them. */

void vs_bus_host_stops_init(VsBus *bus);
void vs_bus_host_stops_clear(VsBus *bus);

/* By its path; NULL: the engine has none such. */
const VsHostStop *vs_bus_host_stops_find(const VsBus *bus, const char *path);

/* The paths of all, in the order in which they were asked for, and of the stops in flight that are
 * part of one, sorted by their domains' names. The caller frees them, sd-bus does so by free(),
 * which is GLib's, too. */
char **vs_bus_host_stops_paths(const VsBus *bus);
char **vs_bus_host_stop_stops(const VsBus *bus, const VsHostStop *host_stop);

/* Monotonic µs; VS_USEC_INFINITY: there is none, or it is over. */
int64_t vs_bus_host_stop_deadline(const VsHostStop *host_stop);

/* Tells of those that came. */
void vs_bus_host_stops_learn(VsBus *bus);

/* Other stops are part of it now, which is told with what else changed. An empty id, and one that
 * isn't known, is none. */
void vs_bus_host_stops_touch(VsBus *bus, const VsUuid *host_stop);

/* Tells of those that came, changed, and went. */
void vs_bus_host_stops_tell(VsBus *bus);

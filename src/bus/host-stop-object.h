/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* Puts one object a host stop that is known, with org.virtstop1.HostStop, on the connection.
 * Negative errno where that fails. */
int vs_bus_publish_host_stops(VsBus *bus);

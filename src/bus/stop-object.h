/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* Puts one object a stop, in flight or over, with org.virtstop1.Stop, on the connection. Negative
 * errno where that fails. */
int vs_bus_publish_stops(VsBus *bus);

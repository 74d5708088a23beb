/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The requests that are about all guests of the host: each checks who asks, does it, and replies;
 * everybody may ask for a plan.
 */

int vs_bus_stop_all(VsBus *bus, sd_bus_message *message);
int vs_bus_cancel_all(VsBus *bus, sd_bus_message *message);
int vs_bus_extend_all(VsBus *bus, sd_bus_message *message);
int vs_bus_plan(VsBus *bus, sd_bus_message *message);
int vs_bus_restore(VsBus *bus, sd_bus_message *message);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"
#include "engine/guest.h"

/* The Manager's long replies. They return as a method's handler does. */

int vs_bus_reply_domains(VsBus *bus, sd_bus_message *message);
int vs_bus_reply_stops(VsBus *bus, sd_bus_message *message);

/* As many of @lines (the oldest first) as a message can hold; of too many, the newest. */
int vs_bus_reply_history(sd_bus_message *message, const GPtrArray *lines);

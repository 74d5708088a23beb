/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* Puts /org/virtstop1 with org.virtstop1.Manager on the connection. Negative errno where that
 * fails. */
int vs_bus_publish_manager(VsBus *bus);

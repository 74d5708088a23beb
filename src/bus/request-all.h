/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The Manager's methods that are about all guests, as sd-bus calls them; @userdata is the VsBus.
 * Each checks who asks, does it, and replies.  What each takes and
 * gives stands in data/org.virtstop1.xml. */

int vs_bus_stop_all(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);
int vs_bus_cancel_all(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);
int vs_bus_extend_all(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);
int vs_bus_restore(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

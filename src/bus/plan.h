/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The Manager's Plan(), as sd-bus calls it: everybody may ask what a stop of all guests would do.
 * @userdata is the VsBus. */
int vs_bus_plan(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

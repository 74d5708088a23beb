/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The Manager's Check(), as sd-bus calls it: what will go wrong with guests. @userdata is the
 * VsBus.
 */
int vs_bus_check(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

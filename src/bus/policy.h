/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The Manager's GetPolicy() and SetPolicy(), as sd-bus calls them; @userdata is the VsBus. What has
 * to be asked of libvirt is answered when that has answered. */

int vs_bus_get_policy(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);
int vs_bus_set_policy(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

void vs_bus_policy_init(VsBus *bus);

/* Nobody is answered any more, and the daemon gives no answer. */
void vs_bus_policy_clear(VsBus *bus);

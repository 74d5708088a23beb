/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* ListRecords() and GetHistory(), as sd-bus calls them; @userdata is the VsBus. Of too many records
 * GetHistory() gives the newest that a message can hold. */
int vs_bus_list_records(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);
int vs_bus_get_history(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

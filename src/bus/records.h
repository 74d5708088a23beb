/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* ListRecords(), as sd-bus calls it; @userdata is the VsBus. */
int vs_bus_list_records(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

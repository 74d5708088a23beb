/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* Answers ListRecords(). Returns as a method's handler does. */
int vs_bus_list_records(VsBus *bus, sd_bus_message *message);

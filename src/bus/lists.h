/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The Manager's long replies. */

/* ListDomains(), ListOwners() and ListStops(), as sd-bus calls them; @userdata is the VsBus. */
int vs_bus_list_domains(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);
int vs_bus_list_owners(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);
int vs_bus_list_stops(sd_bus_message *message, void *userdata, sd_bus_error *ret_error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* Puts one object a domain, with org.virtstop1.Domain, on the connection. Negative errno where that
 * fails. */
int vs_bus_publish_domains(VsBus *bus);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "bus/service.h"
#include "core/event.h"

/* Who sent @message, which came through the gate, as the bus and /proc know it. All but the uid can
 * be missing. The caller clears @ret. */
bool vs_bus_requester_read(VsBus *bus, sd_bus_message *message, VsRequester *ret, GError **error);

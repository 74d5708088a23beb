/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "bus/message.h"
#include "core/event.h"

/* Who sent @message, as the bus and /proc know it. All but the uid can be missing. The
 * caller clears @ret. */
bool vs_bus_requester_read(sd_bus_message *message, VsRequester *ret, GError **error);

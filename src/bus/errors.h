/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/message.h"

/* Turns @error into a D-Bus error. Returns what a method's handler returns then: a negative errno.
 */
int vs_bus_error_set(sd_bus_error *ret, const GError *error);

/* Answers @message with it, likewise. */
int vs_bus_error_reply(sd_bus_message *message, const GError *error);

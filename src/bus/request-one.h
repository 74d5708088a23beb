/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/options.h"
#include "bus/service.h"
#include "engine/guest.h"

/* A method's whole work: is the caller allowed to, what do they ask, hand it to the daemon, reply.
 * @type: VS_EVENT_STOP, CANCEL, ESCALATE or EXTEND. @guest: whom it is about; NULL: the message
 * names a domain. Returns as a method's handler does. */
int vs_bus_request(VsBus *bus, sd_bus_message *message, VsEventType type, const VsGuest *guest);

/* The domain that @text and the options, which come next in @message, mean; NULL: there is none, or
 * they are bad. Where their URI isn't watched at all, the error says so. @allowed: the options
 * beside the URI. */
const VsGuest *vs_bus_read_domain(VsBus *bus, sd_bus_message *message, const char *text,
                                  unsigned allowed, VsBusOptions *ret, GError **error);

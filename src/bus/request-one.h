/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"
#include "engine/guest.h"

/* A method's whole work: is the caller allowed to, what do they ask, hand it to the daemon, reply.
 * @type: VS_EVENT_STOP, CANCEL, ESCALATE or EXTEND. @guest: whom it is about; NULL: the message
 * names a domain. Returns as a method's handler does. */
int vs_bus_request(VsBus *bus, sd_bus_message *message, VsEventType type, const VsGuest *guest);

/* As vs_engine_resolve(). Where @uri (NULL: any) isn't watched at all, the error says so. */
const VsGuest *vs_bus_resolve(VsBus *bus, const char *text, const char *uri, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/access.h"

/* Who asked for a stop, or for a stop of all, and why: what not everybody may see of others. The
 * properties Reason, Uid, User, LoginUid, Pid, Comm and Unit, which are told to who asks for them
 * by name, so never by a signal, and are those of nobody for who may not see them. */

typedef struct VsBusAsker {
    const VsRequester *by; /* NULL: not known, or not told */
    const char *reason;    /* likewise */
} VsBusAsker;

/* @asker, as far as whom @message answers may see that without being asked for more: root, the user
 * that we run as, and who asked himself. */
VsBusAsker vs_bus_asker_for(VsBus *bus, sd_bus_message *message, const VsBusAsker *asker);

/* Appends @property's value, where it is one of those. Negative errno where that fails. */
int vs_bus_asker_append(sd_bus_message *message, const char *property, const VsBusAsker *asker);

/* Answers GetRequest: all of them. @asker: NULL: the stop is over by now. */
int vs_bus_asker_reply(sd_bus_message *message, const VsBusAsker *asker);

/* Calls @then, as vs_bus_access_ask() does, if the sender of @message may see @asker. */
int vs_bus_asker_ask(VsBus *bus, sd_bus_message *message, const VsBusAsker *asker,
                     const VsBusDeed *deed, VsBusAllowed then);

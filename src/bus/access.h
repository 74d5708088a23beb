/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "bus/deed.h"
#include "core/disclosure.h"

/* Who may do what. Root, and the user that we run as, may all; polkit is asked about others, and
 * where there is none they may nothing. Reading is for everybody and isn't asked for here, but for
 * who has asked for others' stops, and why. */

/* What is done then; takes @data over. Returns as a method's handler does. */
typedef int (*VsBusAllowed)(VsBus *bus, sd_bus_message *message, void *data);

/* Calls @then, now or later, if the sender of @message may call that method to do @deed; else he is
 * told why not, and @data (which may be NULL) goes to @free_data. What was read of @message must be
 * read again. Returns as a method's handler does. */
int vs_bus_access_ask(VsBus *bus, sd_bus_message *message, const VsBusDeed *deed, VsBusAllowed then,
                      GDestroyNotify free_data, void *data);

/* What is done when it is known what the sender may see. Returns as a method's handler does. */
typedef int (*VsBusWeighed)(VsBus *bus, sd_bus_message *message, VsWithholding withholding);

/* Calls @then, now or later, with what the sender of @message, a method that reads, has to be left
 * out: nobody is refused. What was read of @message must be read again. Returns as a method's
 * handler does. */
int vs_bus_access_weigh(VsBus *bus, sd_bus_message *message, const VsBusDeed *deed,
                        VsBusWeighed then);

/* Which of polkit's actions a call of @member is, ...: NULL where everybody may. */
const char *vs_bus_access_action(const char *member, bool forces);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/callers.h"
#include "bus/service.h"

/* What comes in is let in here, or not. A call waits ("is parked") as long as its caller isn't
 * known, as long as a question of the same connection isn't answered yet (so that answers keep the
 * order of the calls), and as long as its user has had more than its share of the main thread's
 * time. What waits is bounded, and so is the time that all users have together; what is beyond is
 * refused, or dropped where nobody waits for an answer, or the bus doesn't read the refusals. Of
 * the trusted nothing is bounded but what waits until they are known. */

void vs_bus_gate_init(VsBus *bus);
void vs_bus_gate_clear(VsBus *bus);

/* On a connection that is new: what comes in on bus->connection goes through the gate; and as it is
 * closed. */
int vs_bus_gate_open(VsBus *bus);
void vs_bus_gate_close(VsBus *bus);

/* Who sent @message, which came through the gate; NULL: it is somebody who is forgotten by now. */
VsBusCaller *vs_bus_gate_caller(VsBus *bus, sd_bus_message *message);

/* Whom @reply answers, whose call came through the gate; NULL: as above, or it is a signal, which
 * everybody gets. */
VsBusCaller *vs_bus_gate_addressee(VsBus *bus, sd_bus_message *reply);

/* Whether root, or the user that we run as, did. */
bool vs_bus_gate_is_trusted(VsBus *bus, sd_bus_message *message);

/* A question less is under way, or more time went by: what waits is looked at again. */
void vs_bus_gate_pump(VsBus *bus);

/* After the main loop did something for the bus: what that took counts for whom it was done. */
void vs_bus_gate_settle(VsBus *bus);

/* @caller is gone: what waits of it is dropped. */
void vs_bus_gate_forget(VsBus *bus, VsBusCaller *caller);

/* Answers that the user has too much under way; drops @message where no answer is wanted, or too
 * many of these wait for the bus to read them. @user
 * (NULL: not known) has to be quiet for a while then, before anything else is done for it. Returns
 * as a message's handler does. */
int vs_bus_gate_refuse(VsBus *bus, VsBusUser *user, sd_bus_message *message);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* Listens on the connection for logind's word that the host goes down, asks for it, and has logind
 * wait for the guests then; again with each logind that comes. Without one nothing comes. Negative
 * errno where that fails. */
int vs_bus_watch_logind(VsBus *bus);

/* Lets go of what keeps logind waiting: at the end of the connection, ... */
void vs_bus_unwatch_logind(VsBus *bus);

/* ... and where nothing is to be waited for any more; called when a stop has finished. */
void vs_bus_logind_check(VsBus *bus);

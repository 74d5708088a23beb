/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"

/* The records that the bus was told of last, for who asks for the rest of one: it need not be on
 * disk yet. */

void vs_bus_told_init(VsBus *bus);
void vs_bus_told_clear(VsBus *bus);

/* @line is copied; what there is too much of goes, the oldest first. */
void vs_bus_told_add(VsBus *bus, const char *line);

/* The line of the record with that id; NULL: it isn't one of the last. The service owns it. */
const char *vs_bus_told_find(const VsBus *bus, const char *id);

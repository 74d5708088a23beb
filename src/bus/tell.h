/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/bus-private.h"

/* Signals: what vs_bus_tell() and its sisters put on the bus. */

/* While held, what is told waits; the release tells it, in order. They don't nest. */
void vs_bus_hold(VsBus *bus);
void vs_bus_release(VsBus *bus);

/* Tells that @property of the Manager is another now. */
void vs_bus_tell_property(VsBus *bus, const char *property);

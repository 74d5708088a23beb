/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/service.h"
#include "core/record.h"

/* Signals, and what waits until they may be sent. */

/* One thing to be told, as it can be kept. A signal that can't be sent is lost: whoever needs to
 * know reads the objects again when the name is back, and a record is on disk. */
typedef struct VsBusTelling {
    void (*tell)(VsBus *bus, const struct VsBusTelling *telling);
    VsDomainId domain;
    VsUuid stop;
    VsOutcome outcome;
    bool in_flight; /* a stop that is over now was */
    char *text;
} VsBusTelling;

/* Tells it: now, or where what is told is held, afterwards; then from a copy. */
void vs_bus_tell_when_free(VsBus *bus, const VsBusTelling *telling);

/* While held, what is told waits; the release tells it, in order. They don't nest. */
void vs_bus_hold(VsBus *bus);
void vs_bus_release(VsBus *bus);

/* Tells that @property of the Manager is another now. */
void vs_bus_tell_property(VsBus *bus, const char *property);

/* Tells that the object at @path is gone, with all that sd-bus put on it when it was added. */
void vs_bus_tell_removed(VsBus *bus, const char *path, const char *interface);

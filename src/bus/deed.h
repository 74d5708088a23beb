/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/options.h"
#include "bus/service.h"

/* What a call is about to do, as polkit's rules are told of it: to whom, and how. Any text may be
 * NULL. */
typedef struct VsBusDeed {
    bool forces; /* a guest may be cut off by it, otherwise than its policy says */
    const char *domain, *uuid, *uri, *ladder;
} VsBusDeed;

/* Of VS_EVENT_STOP, CANCEL, ESCALATE or EXTEND, with @options, as things are now. @guest: NULL:
 * none is known by that @name (at that @uri; NULL: anywhere). The caller clears @ret. */
void vs_bus_deed_of_one(VsBus *bus, VsEventType type, const VsGuest *guest, const char *name,
                        const char *uri, const VsBusOptions *options, VsBusDeed *ret);

/* Of a stop of all guests, likewise. */
void vs_bus_deed_of_all(const VsBusOptions *options, VsBusDeed *ret);

/* Of something that is done to @guest. Its texts are the guest's: nobody clears it. */
VsBusDeed vs_bus_deed_to(const VsGuest *guest);

/* Whether two deeds are the same to whoever said yes to one. */
bool vs_bus_deed_is_same(const VsBusDeed *one, const VsBusDeed *other);

void vs_bus_deed_clear(VsBusDeed *deed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsBusDeed, vs_bus_deed_clear)

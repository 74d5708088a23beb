/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/ops.h"
#include "engine/engine.h"
#include "util/scope.h"

/* The D-Bus service org.virtstop1 on the system bus, or on a user's: answers from the engine's
 * picture, hands requests to the daemon, tells the bus what changed (bus/tell.h). A bus that isn't
 * there, or goes away, is said, and tried again with back-off; nothing else waits for it. All on
 * the main thread, in GLib's default main context. */

typedef struct VsBusConfig {
    VsScope scope;           /* whose bus */
    const char *const *uris; /* for the property Uris; copied */
    int64_t over_span;       /* µs for which a stop that is over stays on the bus; 0: a minute */
    int64_t polkit_span;     /* µs that polkit has for an answer; 0: 10 s, 2 min for a person's */
} VsBusConfig;

VsBus *vs_bus_new(const VsBusConfig *config, const VsEngine *engine, const VsBusOps *ops,
                  void *userdata);
void vs_bus_free(VsBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsBus, vs_bus_free)

/* Connects (to the address in the environment, or the usual one) and takes the name; false with
 * @error where that fails now. It goes on trying all the same. */
bool vs_bus_start(VsBus *bus, GError **error);

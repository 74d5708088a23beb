/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/record-query.h"
#include "engine/action.h"
#include "engine/engine.h"

/* The D-Bus service org.virtstop1 on the system bus: answers from the engine's picture, hands
 * requests to the daemon, tells the bus what changed. A bus that isn't there, or goes away, is
 * said, and tried again with back-off; nothing else waits for it. All on the main thread, in GLib's
 * default main context. */

typedef struct VsBus VsBus;

typedef struct VsBusOps {
    /* STOP, CANCEL, ESCALATE, EXTEND, HOST_SHUTDOWN, STOP_ALL, CANCEL_ALL and EXTEND_ALL: takes the
     * event to the engine. @ret_stop (may be NULL) is the stop's id: a new one, the one joined, or
     * one that was over at once. */
    bool (*request)(const VsEvent *event, VsUuid *ret_stop, GError **error, void *userdata);
    /* The last @limit records (0: all) of @domain (name or UUID; NULL: of all), oldest first, each
     * one line of JSON. The caller owns the array (with its free function set). */
    GPtrArray *(*history)(const char *domain, unsigned limit, GError **error, void *userdata);
    /* The next page of the records that @query asks for, likewise. @ret_mark is the query's after
     * for the page that follows, "" where none does; the caller owns it. */
    GPtrArray *(*records)(const VsRecordQuery *query, char **ret_mark, GError **error,
                          void *userdata);
    bool (*reload)(GError **error, void *userdata);
    /* What a stop of all guests would do, one line of JSON that the caller owns. @budget: µs, 0: as
     * configured. */
    char *(*plan)(int64_t budget, GError **error, void *userdata);
    /* Begins to start again what ran before the last stop of all guests. */
    bool (*restore)(GError **error, void *userdata);
} VsBusOps;

typedef struct VsBusConfig {
    const char *const *uris; /* for the property Uris; copied */
} VsBusConfig;

VsBus *vs_bus_new(const VsBusConfig *config, const VsEngine *engine, const VsBusOps *ops,
                  void *userdata);
void vs_bus_free(VsBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsBus, vs_bus_free)

/* Connects (DBUS_SYSTEM_BUS_ADDRESS, or the system bus) and takes the name; false with @error where
 * that fails now. It goes on trying all the same. */
bool vs_bus_start(VsBus *bus, GError **error);

/* Tells the bus of GUEST_CHANGED, GUEST_REMOVED, STOP_ADDED, STOP_CHANGED, STOP_FINISHED. Called
 * after the engine's step, so the picture is the new one. Other actions are ignored. */
void vs_bus_tell(VsBus *bus, const VsAction *action);

/* Signals StopRecorded with the record's line. */
void vs_bus_tell_record(VsBus *bus, const char *line);

/* Tells that libvirt came or went at one of the URIs. Called after that VS_EVENT_CONNECTION's step,
 * so that the picture is the new one. */
void vs_bus_tell_connections(VsBus *bus);

/* Tells whether a stop of all guests is under way, where that has changed. Called after each step.
 */
void vs_bus_tell_stopping_all(VsBus *bus);

/* The default ladder's text changed (after a reload). */
void vs_bus_tell_policy(VsBus *bus, const char *ladder);

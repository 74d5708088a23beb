/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/event.h"
#include "core/record-query.h"

/* What the bus has the daemon do. Each is called on the main thread; false, or NULL, comes with an
 * error, which goes to the caller on the bus. */

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
    /* What will go wrong with guests that run, of VsFinding. The caller owns the array (with its
     * free function set). */
    GPtrArray *(*check)(void *userdata);
    /* Begins to start again what ran before the last stop of all guests. */
    bool (*restore)(GError **error, void *userdata);
} VsBusOps;

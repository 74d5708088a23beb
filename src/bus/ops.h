/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/event.h"
#include "core/record-query.h"

/* What the bus has the daemon do. False, or NULL, comes with an error, which goes to the caller on
 * the bus. Each is called on the main thread, but for those that answer questions. */

typedef struct VsBus VsBus;

typedef struct VsBusHistory {
    const char *domain, *uuid; /* as a VsRecordQuery has them */
    unsigned limit;
    size_t max_size;
} VsBusHistory;

/* Told once, on the main thread, what a domain's XML says of its policy, or why that isn't known or
 * wasn't done: one of the two is NULL. */
typedef void (*VsBusLabelled)(const VsLabels *labels, const GError *error, void *to);

typedef struct VsBusOps {
    /* INQUIRE, STOP, CANCEL, ESCALATE, EXTEND, HOST_SHUTDOWN, STOP_ALL, CANCEL_ALL and EXTEND_ALL:
     * takes the event to the engine. @ret_stop (may be NULL) is the stop's id: a new one, the one
     * joined, or one that was over at once. */
    bool (*request)(const VsEvent *event, VsUuid *ret_stop, GError **error, void *userdata);
    bool (*reload)(GError **error, void *userdata);
    /* Calls @tell for each kind of thing that isn't written though it should be, with how many
     * there are and why, as long as that gives no negative errno. NULL: all is. */
    int (*unwritten)(int (*tell)(const char *what, unsigned n, const char *why, void *to), void *to,
                     void *userdata);
    /* Asks libvirt for it, for somebody who is @trusted, or not; and has "KEY=VALUE"s written into
     * it, an empty value takes the key out,
     * @replace: and all others. Never answered from within the call. */
    void (*read_labels)(const VsDomainId *domain, bool trusted, VsBusLabelled answer, void *to,
                        void *userdata);
    void (*set_policy)(const VsDomainId *domain, char *const *changes, bool replace,
                       VsBusLabelled answer, void *to, void *userdata);
    /* What holds for a domain with those labels (or NULL), as vs_policy_explain() has it. */
    GPtrArray *(*explain)(const VsDomainId *domain, const VsLabels *labels, void *userdata);

    /* Begins to start again what ran before the last stop of all guests. */
    bool (*restore)(const char *host_stop, GError **error, void *userdata);

    /* What a question is answered from: a copy of what is known now; @guests: of the guests and how
     * they are to be stopped, too. */
    void *(*view)(bool guests, void *userdata);

    /* The rest is called on a thread beside the main one, with a view that nobody else has.
     * @dropped is set, atomically, when nobody waits for the answer any more: then any error will
     * do. */

    void (*view_free)(void *view);
    /* The last @limit records (0: all) of @domain (name or UUID; NULL: of all) that fit into
     * @max_size bytes, each counted with 8 more; oldest first, each one line of JSON. The
     * caller owns the array (with its free function set). */
    GPtrArray *(*history)(void *view, const VsBusHistory *wanted, const gint *dropped,
                          GError **error);
    /* The next page of the records that @query asks for, likewise. @ret_mark is the query's after
     * for the page that follows, "" where none does; the caller owns it. */
    GPtrArray *(*records)(void *view, const VsRecordQuery *query, char **ret_mark, GError **error);
    /* What a stop of all guests would do, one line of JSON that the caller owns. @budget: µs, 0: as
     * configured. */
    char *(*plan)(void *view, int64_t budget, const VsPart *part, const gint *dropped,
                  GError **error);
    /* What will go wrong with guests that run, of VsFinding. The caller owns the array (with its
     * free function set). */
    GPtrArray *(*check)(void *view, const gint *dropped);
} VsBusOps;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/json.h"

typedef struct VsHistory VsHistory;

/* What is asked for. */
typedef struct VsHistoryQuery {
    const char *domain; /* its name or UUID; NULL: of all */
    const char *uuid;   /* also of the one with that UUID; or NULL */
    unsigned limit;     /* so many records, 0: all */
    size_t max_size; /* ... so many bytes in all, each counted with VS_HISTORY_EXTRA more; 0: any */
    const gint *dropped; /* set (atomically) when nobody wants the answer any more; NULL: never */
} VsHistoryQuery;

#define VS_HISTORY_EXTRA 8

/* The newest records in the state directory @directory that @query asks for, oldest first. Read
 * from the end backwards, through rotated files as far as needed, never more than is needed. Lines
 * that are no JSON are passed over. The array owns its strings. On any thread. */
GPtrArray *vs_history_query(const char *directory, const VsHistoryQuery *query, GError **error);

/* The line of the record of that id, if it is among the newest ones (the last 1 MiB at least); else
 * NULL. The caller owns it. */
char *vs_history_find(const VsHistory *history, const char *id);
bool vs_history_has(const VsHistory *history, const char *id);

/* Calls @visit with the newest records, the newest first: @size bytes of them (at least 1 MiB). */
void vs_history_visit(const VsHistory *history, size_t size,
                      void (*visit)(json_object *record, void *userdata), void *userdata);

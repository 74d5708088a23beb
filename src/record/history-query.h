/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct VsHistory VsHistory;

/* The newest @limit records (0: all), oldest first, that are about @domain (its name or UUID, NULL:
 * all). Read from the end backwards, through rotated files as far as needed, never more than is
 * needed. Lines that are no JSON are passed over. The array owns its strings. */
GPtrArray *vs_history_query(VsHistory *history, const char *domain, unsigned limit, GError **error);

/* Whether a record of that id is among the newest ones (the last 1 MiB at least). */
bool vs_history_has(VsHistory *history, const char *id);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* The stop records on disk: stops.jsonl in the state directory, one JSON object a line, rotated by
 * size to stops.jsonl.1 (the newest of the old), .2, ... Readable by everybody, written by one:
 * stops.lock says by whom. All of it on one thread. */

typedef struct VsHistory VsHistory;

/* Opens or makes @directory/stops.jsonl. A torn last line (a crash while it was written) is mended:
 * what is whole JSON gets its newline, what isn't is moved to stops.jsonl.torn, and @ret_torn (may
 * be NULL) says so.
 * @max_size: bytes of one file, 0: no rotation. @max_files: old ones that are kept, at least 1. */
VsHistory *vs_history_open(const char *directory, size_t max_size, unsigned max_files,
                           bool *ret_torn, GError **error);

/* The same for requests.jsonl beside the stops', under their lock: what became of requests that
 * stopped nobody. */
VsHistory *vs_history_open_requests(const VsHistory *stops, bool *ret_torn, GError **error);
void vs_history_free(VsHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsHistory, vs_history_free)

/* Appends @line (without newline) in one write, and syncs. On failure nothing of it is left behind
 * in the file, and it may be tried again. Where the file was moved or removed by somebody, a new
 * one is begun; where it can't be rotated, it grows on, with a g_warning(). */
bool vs_history_append(VsHistory *history, const char *line, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/record-query.h"

/* A page of the records in the state directory @directory that @query asks for, the newest of those
 * that come next, the oldest first. It is bounded: at most 1000 records and 1 MiB of them (but for
 * one that is longer alone), and no more than some MiB of lines are looked at. So a page may hold
 * few records, or none, and still not be the last one.
 *
 * @ret_mark leads to the page after it, towards the oldest; it is "" where there is nothing more.
 * The caller owns it. A mark is the place of the oldest line that was looked at: the inode of its
 * file, its offset there, and a hash of how it begins. Files are only ever appended to, and keep
 * their inode when they are rotated, so a mark leads to the same line whatever was recorded since,
 * and after a restart too: nothing comes twice, and nothing is left out. Where its file is gone, or
 * something else stands there, that is an error (VS_ERROR_MARK_GONE; VS_ERROR_INVALID for what
 * never was a mark), for nobody could tell what comes next. The array owns its strings.
 * On any thread. */
GPtrArray *vs_history_page(const char *directory, const VsRecordQuery *query, char **ret_mark,
                           GError **error);

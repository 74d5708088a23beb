/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/host-end.h"

/* How the host's boot of that id ended, as its journal tells; not traced where there is none, or
 * none that we may read. May take long where the disk is slow. On any thread. */
void vs_boot_journal_read(const char *boot_id, VsHostEnd *ret);

/* The records of those @ids (ended by NULL) that the journal has, as lines, are added to @ret, by
 * their ids. Likewise. */
void vs_boot_journal_find_records(char *const *ids, GHashTable *ret);

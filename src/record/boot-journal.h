/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/host-end.h"

/* How the host's boot of that id ended, as its journal tells; not traced where there is none, or
 * none that we may read. May take long where the disk is slow. On any thread. */
void vs_boot_journal_read(const char *boot_id, VsHostEnd *ret);

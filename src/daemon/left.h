/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/left-noted.h"

/* What a daemon before us left behind. Nothing may be written to the places meanwhile. */

/* When the last record was written, where the run files could not be: realtime µs, 0: never. To be
 * asked before the history is opened, which may mend it. */
int64_t vs_left_last_record(const char *state_directory);

/* Opens the run files in the @runtime directory, and drops what is of another boot of this host. */
bool vs_left_open(VsWritePlaces *places, const char *runtime, GError **error);

/* Calls @take_over for everything, the host stops and what was noted last. What it refuses is said,
 * and set aside. */
void vs_left_take_over(const VsWritePlaces *places, VsLeftTakeOver take_over, void *userdata);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What a run that is over leaves: has its cause judged, by what is known of the run and by the
 * hypervisor's log, @lines (NULL: nobody read it), tells its stop and its restart what came of it,
 * and has the record written. */
void vs_run_record_make(VsEngine *engine, VsGuest *guest, char *const *lines);

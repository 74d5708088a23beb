/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "ctl/ctl.h"
#include "util/json.h"

/* The last time that the host went down, as the records tell it. */

/* Those of @records (oldest first) that are of the last host stop, in their order: by its id, or
 * where an older virtstopd wrote none, of one boot, each guest once, and no long pause between one
 * and the next. NULL where none is of a host stop.
 * The caller owns the array, which owns what is in it. */
GPtrArray *vs_host_stop_of(const GPtrArray *records);

/* The same of all records that the daemon has; none is an error. */
GPtrArray *vs_host_stop_get(VsCtl *ctl, GError **error);

/* When it was asked, or the first sign of it, and when it was off: realtime µs. False where the
 * record doesn't say. */
bool vs_host_stop_times(json_object *record, int64_t *ret_start, int64_t *ret_end);

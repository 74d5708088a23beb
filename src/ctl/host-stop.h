/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/host-stop-record.h"
#include "ctl/ctl.h"
#include "util/json.h"

/* A stop of all guests, or of a part, as the records tell it: the host going down, or one by hand.
 */

/* Those of @records (oldest first) that are of the last one, in their order: by its id, or where an
 * older virtstopd wrote none, of one boot that the host ended, each guest once, and no long pause
 * between one and the next. NULL where none is of any.
 * The caller owns the array, which owns what is in it. */
GPtrArray *vs_host_stop_of(const GPtrArray *records);

/* The same of all records that the daemon has: of the one that @ctl's stop names (its id, or how it
 * begins, or "-1" for the one before the last), or of the last; none is an error. */
GPtrArray *vs_host_stop_get(VsCtl *ctl, GError **error);

/* Whether @text can name one; the error says what can. */
bool vs_host_stop_check_name(const char *text, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/view.h"

/* What a stop of all guests that run would do, and what will go wrong with it, with how long each
 * took before. On any thread, with a @view that has guests and that nobody else has; it is changed.
 * They give up where @dropped is set, atomically. */

/* The text of vs_plan_make()'s JSON, which the caller owns. @budget: µs, 0: as the policy says.
 * @part: of those guests only; NULL: of all. */
char *vs_foresight_plan(VsView *view, int64_t budget, const VsPart *part, const gint *dropped,
                        GError **error);

/* Of VsFinding. The caller owns the array, which owns what is in it. */
GPtrArray *vs_foresight_check(VsView *view, const gint *dropped);

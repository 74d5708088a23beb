/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/engine.h"
#include "core/policy.h"
#include "daemon/recorder.h"

/* What a stop of all guests that run now would do, with how long each took before: the text of
 * vs_plan_make()'s JSON, which the caller owns. @budget: µs, 0: as the policy says. */
char *vs_foresight_plan(const VsEngine *engine, const VsPolicy *policy, VsRecorder *recorder,
                        int64_t budget, GError **error);

/* What will go wrong with them, of VsFinding. The caller owns the array, which owns what is in it.
 */
GPtrArray *vs_foresight_check(const VsEngine *engine, const VsPolicy *policy, VsRecorder *recorder);

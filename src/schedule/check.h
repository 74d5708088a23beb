/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/policy.h"

/* Whether the configuration itself goes round in a circle, judged on the names and globs that it
 * holds, each taken as a guest of that name: the error names the circle, and the FILE:LINE of a
 * section that is part of it. */
bool vs_schedule_check(const VsPolicy *policy, GError **error);

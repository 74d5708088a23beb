/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"
#include "util/json.h"

/* What the Manager's Plan() answers, within @ctl's budget. The caller owns it. */
json_object *vs_plan_get(VsCtl *ctl, bool of_part, GError **error);

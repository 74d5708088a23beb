/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* The domains that are named behind stop-all and plan are of the part that the options mean. */
bool vs_part_from_args(VsCtl *ctl, int n_args, char **args, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/objects.h"
#include "ctl/ctl.h"

/* Says, on standard error, where the stop of @name was in flight already and goes on by a ladder
 * other than the one that is asked for now. */
void vs_joined_complain(VsCtl *ctl, const char *name, const VsStopObject *stop);

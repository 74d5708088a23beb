/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* What virtstopd knows, or that it isn't there. Returns what stopping all guests takes at most, µs;
 * VS_USEC_INFINITY: no limit, -1: not known. */
int64_t vs_doctor_check_daemon(VsFindings *findings, VsCtl *ctl);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* What would become of the guests of a user's session at its end. @worst: as
 * vs_doctor_check_daemon() returns it. */
void vs_doctor_check_user(VsFindings *findings, VsCtl *ctl, int64_t worst);

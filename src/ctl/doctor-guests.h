/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* Adds what the virtstopd that @ctl asks found, in words. */
void vs_doctor_tell(VsFindings *findings, const VsCtl *ctl, const VsFinding *finding);

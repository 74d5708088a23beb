/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* Adds what virtstopd found, in words. */
void vs_doctor_tell(VsFindings *findings, const VsFinding *finding);

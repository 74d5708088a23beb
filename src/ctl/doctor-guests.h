/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* Adds what the virtstopd of that one found, in words. */
void vs_doctor_tell(VsFindings *findings, VsScope scope, const VsFinding *finding);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/manager.h"
#include "ctl/findings.h"

/* Whether the configuration on disk is right, and the one in force. @manager: virtstopd's, NULL: it
 * isn't there. */
void vs_doctor_check_config(VsFindings *findings, const VsCtl *ctl, const VsManagerObject *manager);

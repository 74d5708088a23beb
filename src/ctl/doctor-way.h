/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* What a virtstopd that is its own user's, and not root's, can't reach: the libvirt of another
 * host, for it has no network; libvirt on this host by way of root, without polkit. */
void vs_doctor_check_way(VsFindings *findings, VsCtl *ctl);

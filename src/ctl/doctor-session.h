/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/findings.h"

/* What the libvirt of a user's session does to its guests when that ends: by the user's qemu.conf,
 * and where that says nothing, as this libvirt has it. Of the user who asks; for root, of those who
 * have such a libvirt now. @root: where this host's files are, "" but for a test. */
void vs_doctor_check_sessions(VsFindings *findings, const char *root);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/objects.h"

/* Stops in flight in words. The caller owns the results. */

/* "asked the guest agent" */
char *vs_describe_step(const VsStopObject *stop);

/* "asked the guest agent, 54s left" */
char *vs_describe_progress(const VsCtl *ctl, const VsStopObject *stop);

/* "guest agent: no agent channel"; NULL while the step lasts. */
char *vs_describe_taken(const VsTakenStep *taken);

/* Says which of libvirt's connections are not there, so that what is missing is missed. False where
 * @ctl's uri isn't watched at all. */
bool vs_describe_absent(VsCtl *ctl, GError **error);

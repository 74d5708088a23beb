/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/objects.h"

/* Stops in flight in words. The caller owns the results. */

/* "asked the guest agent" */
char *vs_describe_step(const VsStopObject *stop);

/* "asked the guest agent, 54 s left" */
char *vs_describe_progress(const VsClient *client, const VsStopObject *stop);

/* "guest agent: no agent channel"; NULL while the step lasts. */
char *vs_describe_taken(const VsTakenStep *taken);

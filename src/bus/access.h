/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/bus-private.h"

/* Who may do what. Reading is for everybody and isn't asked for here. */

typedef enum VsAccess {
    VS_ACCESS_STOP,
    VS_ACCESS_CANCEL,
    VS_ACCESS_ESCALATE,
    VS_ACCESS_EXTEND,
    VS_ACCESS_RELOAD,
    VS_ACCESS_RESTORE,
} VsAccess;

/* Whether the sender of @message may; else VS_ERROR_ACCESS. */
bool vs_bus_access_check(sd_bus_message *message, VsAccess access, GError **error);

/* Whether root, or the user that we run as, sent @message. */
bool vs_bus_access_is_trusted(sd_bus_message *message);

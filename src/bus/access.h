/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "bus/service.h"

/* Who may do what. Reading is for everybody and isn't asked for here. */

typedef enum VsBusAccess {
    VS_BUS_ACCESS_STOP,
    VS_BUS_ACCESS_CANCEL,
    VS_BUS_ACCESS_ESCALATE,
    VS_BUS_ACCESS_EXTEND,
    VS_BUS_ACCESS_RELOAD,
    VS_BUS_ACCESS_RESTORE,
    VS_BUS_ACCESS_SET_POLICY,
} VsBusAccess;

/* Whether the sender of @message, which came through the gate, may; else VS_ERROR_ACCESS. */
bool vs_bus_access_check(VsBus *bus, sd_bus_message *message, VsBusAccess access, GError **error);

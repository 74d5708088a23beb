/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/bus.h"

/* What the bus asks the daemon; its user data is the VsManager. */
extern const VsBusOps vs_manager_bus_ops;

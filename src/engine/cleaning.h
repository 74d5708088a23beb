/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* The system of a guest that is being stopped is down, and libvirt takes long over the rest: says
 * so, and looks whether it is still there, where that isn't known. */
void vs_cleaning_begin(VsEngine *engine, VsGuest *guest);

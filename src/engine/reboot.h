/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* A guest that does something else than it was asked: its system begins anew. */

/* It did so, and its stop has not moved on for that. */
void vs_reboot_take(VsEngine *engine, VsGuest *guest);

/* It is up again, as far as can be seen, and asked once more. */
void vs_reboot_ask_again(VsEngine *engine, VsGuest *guest);

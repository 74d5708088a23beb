/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* libvirt said that what a stop's call asked for can't be done: it is tried again, waited for, or
 * the next step's turn has come. */
void vs_refusals_take(VsEngine *engine, VsGuest *guest);

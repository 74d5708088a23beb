/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* What QEMU itself says of a guest becomes evidence and facts of its run. */

void vs_qmp_events_take(VsEngine *engine, const VsEvent *event);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/part.h"
#include "engine/picture.h"

/* Whether each word of @part can mean somebody here: a group that nobody is in, or a guest that
 * isn't there, is a slip of the pen, and not a part of which nobody runs. A glob may mean nobody;
 * and what a libvirt has that isn't there isn't known. */
bool vs_part_check(const VsEngine *engine, const VsPart *part, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* The guests that are noted to be started again, and don't run, in the order in which they are. Of
 * VsDomainObject: name and uri; NULL with @error. The caller owns it. */
GPtrArray *vs_noted_list(VsCtl *ctl, GError **error);

/* Says that their start is begun; with JSON an object for each. */
void vs_noted_tell(const VsCtl *ctl, const GPtrArray *noted);

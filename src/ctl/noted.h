/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* By one host stop (its id, or the beginning of it; NULL: by any): the guests that are noted to be
 * started again, and don't run, in the order in which they are. Of VsDomainObject: name and uri;
 * NULL with @error. The caller owns it. */
GPtrArray *vs_noted_list(VsCtl *ctl, const char *host_stop, GError **error);

/* Says that their start is begun; with JSON an object for each. */
void vs_noted_tell(const VsCtl *ctl, const GPtrArray *noted);

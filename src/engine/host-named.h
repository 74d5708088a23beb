/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/store.h"

/* Which host stop somebody means by its id, or by the beginning of that. */

typedef bool (*VsHostStopIs)(const VsHostStop *host_stop);

/* Of those that @is, or NULL with @error, which names the others. */
VsHostStop *vs_host_named(const VsEngine *engine, const char *text, VsHostStopIs is,
                          GError **error);

/* Whether somebody can want back what it took. */
bool vs_host_stop_has_taken(const VsHostStop *host_stop);

/* For people: "group lab", or "all guests". The caller owns it. */
char *vs_host_stop_whom(const VsHostStop *host_stop);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* Whether @argument is meant for several guests: "web-*". */
bool vs_glob_is(const char *argument);

/* Whether @glob means a guest of that name. */
bool vs_glob_match(const char *glob, const char *name);

/* The domains that globs are looked up in, of VsDomainObject; NULL with @error. @away: where
 * virtstopd isn't there, that is none of them. The caller owns it. */
GPtrArray *vs_glob_domains(VsCtl *ctl, bool away, GError **error);

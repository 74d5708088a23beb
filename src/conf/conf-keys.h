/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf-type.h"

/* All keys there are. A new one is a row here, its member in the structure, and its paragraph in
 * virtstop.conf(5); tests/unit/test-conf-keys.c holds the manual and the shipped file to that. */

extern const VsConfKey vs_conf_daemon_keys[]; /* [Daemon], in VsConf */
extern const VsConfKey vs_conf_policy_keys[]; /* [Default] and [Guest GLOB], in VsGuestPolicy */
extern const VsConfKey vs_conf_guest_keys[];  /* [Guest GLOB] only, in VsSection: lists */

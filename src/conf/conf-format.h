/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/conf.h"

/* What is in force, as a file would say it: every key of [Daemon] and [Default], and of each [Guest
 * GLOB] what it says, with where it stands. Printable; the caller owns it. */
char *vs_conf_format(const VsConf *conf);

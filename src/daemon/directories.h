/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where things are kept: $STATE_DIRECTORY and $RUNTIME_DIRECTORY, as systemd (or a test) sets them,
 * else /var/lib/virtstop and /run/virtstop. The caller owns the result. */
char *vs_directories_state(void);
char *vs_directories_runtime(void);

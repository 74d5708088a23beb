/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The host's boot. Monotonic times, which run states are full of, mean nothing after another. */

/* The id of this one; the caller owns it. */
char *vs_boot_id(void);

/* Realtime µs: when this boot began; of a container, its own. 0: not known. */
int64_t vs_boot_began(void);

/* The id of this machine; NULL: it has none. The caller owns it. */
char *vs_boot_machine_id(void);

/* Whether @directory is marked with it; false with @error where what stands there can't be read. */
bool vs_boot_is_marked(const char *directory, const char *boot_id, GError **error);

/* Marks @directory with it. What stood there and can't be read is set aside. */
bool vs_boot_mark(const char *directory, const char *boot_id, GError **error);

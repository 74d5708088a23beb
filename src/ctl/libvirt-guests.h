/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* What libvirt-guests is told in its file of shell assignments, in virtstop's words. */

/* The virtstop.conf that does what @text has libvirt-guests do. What @text doesn't say is as Debian
 * has it (@debian: start nothing, shut down), or as libvirt itself (start, suspend). Comments in it
 * tell what has no exact counterpart, and what could not be read. The caller owns it. */
char *vs_libvirt_guests_convert(const char *text, bool debian);

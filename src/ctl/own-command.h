/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* How virtstopctl was called, as far as it says whose virtstopd is meant, to be put before a verb:
 * "virtstopctl", "virtstopctl --user", "virtstopctl -H HOST". A shell takes it so. The caller owns
 * it. */
char *vs_own_command(const VsCtl *ctl);

/* @line, which is for a shell on the host that is meant, for one here: by ssh, where it is another.
 * The caller owns it. */
char *vs_own_command_there(const VsCtl *ctl, const char *line);

/* @word as a shell takes it, quoted only where it has to be. The caller owns it. */
char *vs_own_command_word(const char *word);

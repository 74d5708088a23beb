/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/finding.h"
#include "ctl/ctl.h"

/* Lines for root's shell (a user's own, with VS_SCOPE_USER) on the host that is looked at, that
 * mend what was found, or where only a person can, show where to begin. The caller owns them; NULL:
 * there is none. */

char *vs_doctor_paste(const VsCtl *ctl, const VsFinding *finding);

/* Where @what, as virtstopd calls it, isn't written. */
char *vs_doctor_paste_unwritten(const VsCtl *ctl, const char *what);

/* What virtstopd warns of, "PATH:LINE: ...", becomes a comment. */
char *vs_doctor_paste_comment_out(const VsCtl *ctl, const char *warning);

/* The setting "KEY=value" in that section of each of the units (with blanks between), by a drop-in
 * of that name. */
char *vs_doctor_paste_drop_in(const char *units, const char *name, const char *section,
                              const char *setting);

/* Some more than @span, in whole minutes, as systemd has it. */
char *vs_doctor_paste_enough(int64_t span);

/* What is set in a qemu.conf, as @line has it, set to "none"; and all three of them, whoever set
 * them. @user: who owns the file, where root doesn't; or NULL. */
char *vs_doctor_paste_set_none(const char *path, const char *line, const char *user);
char *vs_doctor_paste_all_none(const char *path, const char *user);

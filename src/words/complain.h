/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/exit.h"

/* To standard error, on a line of its own. */
void vs_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Of @error (about @what, which may be NULL); says which exit status it means. */
VsExit vs_complain_of(const char *what, const GError *error);

/* Of the libvirt URIs @away (of char *; may be NULL), where the stop of all guests can't reach. */
void vs_complain_of_away(const GPtrArray *away);

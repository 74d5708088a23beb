/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What virtstopctl and the hook end with. */

typedef enum VsExit {
    VS_EXIT_OK,
    VS_EXIT_FAILED,
    VS_EXIT_USAGE,
    VS_EXIT_FORCED, /* every guest is off, but one or more were forced */
    VS_EXIT_NO_SUCH_DOMAIN,
    VS_EXIT_NOT_AUTHORISED,
    VS_EXIT_SIGNAL = 128, /* and the signal's number: left by Ctrl-C */
} VsExit;

VsExit vs_exit_of_error(const GError *error);

/* Of a stop's outcome, in its word; NULL: it isn't known. */
VsExit vs_exit_of_outcome(const char *outcome);

/* Of two exit statuses the one that a script must not miss. */
VsExit vs_exit_worse(VsExit one, VsExit other);

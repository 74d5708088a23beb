/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/verb-table.h"

/* The help that the verbs' and the options' tables give. @verb NULL: of all of them. The caller
 * owns it. */
char *vs_help_text(const VsVerb *verb);

/* "virtstopctl extend [OPTIONS...] DOMAIN [SPAN]". The caller owns it. */
char *vs_help_usage(const VsVerb *verb);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

typedef struct VsOption {
    const char *name;
    char letter;       /* 0: none */
    const char *value; /* N_(), its name in the help; NULL: takes none */
    const char *help;  /* N_() */
    const char *verbs; /* the only verbs that take it, ", " between them; NULL: all */
    bool (*set)(VsCtl *ctl, const char *value, GError **error);
    bool common;           /* so many that the help has it among those of all */
    const char *not_verbs; /* where @verbs is NULL: the only ones that don't; NULL: none */
    const char *shown_by;  /* the only verbs for which it does anything; NULL: all that take it */
} VsOption;

/* Ends with an option whose name is NULL. One that means something else for other verbs stands
 * there more than once. */
extern const VsOption vs_options[];

/* Whether it is one of @verb's own (NULL: of those of all). */
bool vs_option_is_of(const VsOption *option, const char *verb);

/* Whether @verb allows it; and whether the help of @verb has it: it does something there. */
bool vs_option_is_taken_by(const VsOption *option, const char *verb);
bool vs_option_is_shown_by(const VsOption *option, const char *verb);

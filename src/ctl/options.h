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
    bool common; /* so many that the help has it among those of all */
} VsOption;

/* Ends with an option whose name is NULL. */
extern const VsOption vs_options[];

/* Whether the help of @verb (NULL: of all) has it. */
bool vs_option_is_of(const VsOption *option, const char *verb);

/* Reads the options of @argv, wherever they stand, into @ctl. @ret_args is set to where the verb
 * and its arguments are, in @argv, whose order is changed. The error names the option and what is
 * allowed. */
bool vs_ctl_options_parse(VsCtl *ctl, int argc, char **argv, int *ret_n_args, char ***ret_args,
                          GError **error);

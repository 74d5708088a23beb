/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* What there is to be known of the verbs. */

typedef struct VsVerb {
    const char *name;
    const char *arguments;  /* N_(), as the usage shows them; NULL: none */
    const char *help;       /* N_() */
    int min_args, max_args; /* max_args -1: any number */
    bool needs_bus;
    VsExit (*run)(VsCtl *ctl, int n_args, char **args); /* NULL: it is the help */
    /* of the usage, before the bus; or NULL */
    bool (*check)(const VsCtl *ctl, int n_args, char **args, GError **error);
} VsVerb;

/* Ends with a verb whose name is NULL. */
extern const VsVerb vs_verbs[];

/* NULL where there is none of that name. */
const VsVerb *vs_verb_find(const char *name);

/* Whether it is the verb that shows the help. */
bool vs_verb_is_help(const VsVerb *verb);

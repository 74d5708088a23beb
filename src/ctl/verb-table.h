/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* What there is to be known of the verbs. */

/* Which of a verb's arguments name guests, so that they may be globs. */
typedef enum VsGuestArgs {
    VS_GUESTS_NONE, /* or the verb sees to it itself */
    VS_GUESTS_ALL,
    VS_GUESTS_FIRST, /* the verb is run once for each guest that it means */
} VsGuestArgs;

/* Among which guests a glob is looked up. */
typedef enum VsAmong {
    VS_AMONG_ALL,
    VS_AMONG_RUNNING,
    VS_AMONG_STOPPING, /* a stop of theirs is in flight */
    VS_AMONG_RECORDED, /* all, and those that are gone and left a record */
} VsAmong;

typedef struct VsVerb {
    const char *name;
    const char *arguments;  /* N_(), as the usage shows them; NULL: none */
    const char *help;       /* N_() */
    int min_args, max_args; /* max_args -1: any number */
    bool needs_bus;
    VsExit (*run)(VsCtl *ctl, int n_args, char **args); /* NULL: it is the help */
    /* of the usage, before the bus; or NULL */
    bool (*check)(const VsCtl *ctl, int n_args, char **args, GError **error);
    VsGuestArgs guests;
    VsAmong among;
    bool headed;    /* where it is run for several guests, each one's name stands above */
    bool from_file; /* it is about records, which virtstopd's files have, too */
} VsVerb;

/* Ends with a verb whose name is NULL. */
extern const VsVerb vs_verbs[];

/* NULL where there is none of that name. */
const VsVerb *vs_verb_find(const char *name);

/* Whether it is the verb that shows the help. */
bool vs_verb_is_help(const VsVerb *verb);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* The verbs, each in a file of its own. @args holds what stands behind the verb. */

typedef struct VsVerb {
    const char *name;
    const char *arguments;  /* N_(), as the usage shows them; NULL: none */
    const char *help;       /* N_() */
    int min_args, max_args; /* max_args -1: any number */
    bool needs_bus;
    VsExit (*run)(VsCtl *ctl, int n_args, char **args);
    /* of the usage, before the bus; or NULL */
    bool (*check)(const VsCtl *ctl, int n_args, char **args, GError **error);
} VsVerb;

/* Ends with a verb whose name is NULL. */
extern const VsVerb vs_verbs[];

/* NULL where there is none of that name. */
const VsVerb *vs_verb_find(const char *name);

VsExit vs_verb_stop(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_list(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_status(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_history(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_why(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_watch(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_cancel(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_escalate(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_extend(VsCtl *ctl, int n_args, char **args);
bool vs_check_extend(const VsCtl *ctl, int n_args, char **args, GError **error);
VsExit vs_verb_stop_all(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_restore(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_check_config(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_plan(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_blame(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_plot(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_doctor(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_replay(VsCtl *ctl, int n_args, char **args);

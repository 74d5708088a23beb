/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"

/* The verbs, each in a file of its own. @args holds what stands behind the verb. */

VsExit vs_verb_stop(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_list(VsCtl *ctl, int n_args, char **args);
bool vs_verb_list_check(const VsCtl *ctl, int n_args, char **args, GError **error);
VsExit vs_verb_status(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_history(VsCtl *ctl, int n_args, char **args);
bool vs_verb_history_check(const VsCtl *ctl, int n_args, char **args, GError **error);
VsExit vs_verb_why(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_watch(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_cancel(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_escalate(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_extend(VsCtl *ctl, int n_args, char **args);
bool vs_verb_extend_check(const VsCtl *ctl, int n_args, char **args, GError **error);
VsExit vs_verb_stop_all(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_restore(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_show_policy(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_set_policy(VsCtl *ctl, int n_args, char **args);
bool vs_verb_set_policy_check(const VsCtl *ctl, int n_args, char **args, GError **error);
VsExit vs_verb_edit_policy(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_check_config(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_plan(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_blame(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_plot(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_doctor(VsCtl *ctl, int n_args, char **args);
VsExit vs_verb_replay(VsCtl *ctl, int n_args, char **args);

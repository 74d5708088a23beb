/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/ctl.h"
#include "util/json.h"

/* Whose records history is to show: several guests, or globs, which virtstopd isn't asked for. */

typedef struct VsHistoryGuests VsHistoryGuests;

/* Of history's arguments; NULL with @error. No argument: everybody's. */
VsHistoryGuests *vs_history_guests_new(VsCtl *ctl, int n_args, char *const *args, GError **error);
void vs_history_guests_free(VsHistoryGuests *guests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsHistoryGuests, vs_history_guests_free)

/* The one guest that virtstopd can be asked for; NULL: it can't, or all are wanted. */
const char *vs_history_guests_only(const VsHistoryGuests *guests);

/* Whether others than those of virtstopd's answer are wanted. */
bool vs_history_guests_choose(const VsHistoryGuests *guests);

/* Whether @record is one of theirs, which is remembered. */
bool vs_history_guests_want(VsHistoryGuests *guests, json_object *record);

/* Of who had none so far: complains of those that aren't there, and have no record at all. What the
 * verb exits with. */
VsExit vs_history_guests_complain(const VsHistoryGuests *guests);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/domain.h"

/* What must survive the daemon, one small file a guest in @directory: replaced in one step before
 * an action, gone when there is nothing left to remember. The text is the engine's; here it is only
 * kept. Domain names never become file names. */

typedef struct VsRunState VsRunState;

VsRunState *vs_run_state_open(const char *directory, GError **error);
void vs_run_state_free(VsRunState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsRunState, vs_run_state_free)

bool vs_run_state_save(VsRunState *state, const VsDomainId *domain, const char *text,
                       GError **error);
bool vs_run_state_forget(VsRunState *state, const VsDomainId *domain, GError **error);

/* All that is kept, as VsRunStateEntry. A .json file that can't be read or isn't ours is set aside
 * with .bad behind its name and told to @warn (may be NULL); what an interrupted save left is
 * removed. The caller owns the array, which owns its entries. */
typedef struct VsRunStateEntry {
    VsDomainId domain;
    char *text;
} VsRunStateEntry;

GPtrArray *vs_run_state_load(VsRunState *state, void (*warn)(const char *message, void *userdata),
                             void *userdata, GError **error);

/* What is kept of @domain can't be used, for @why: set aside and told to @warn, likewise. */
void vs_run_state_set_aside(VsRunState *state, const VsDomainId *domain, const char *why,
                            void (*warn)(const char *message, void *userdata), void *userdata);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/domain.h"

/* What must survive the daemon, one small file a guest in @directory: replaced in one step before
 * an action, gone when there is nothing left to remember. The text is the engine's; here it is only
 * kept. Domain names never become file names. */

typedef struct VsRunFiles VsRunFiles;

/* @boot_id: of the host's boot, which each file is marked with. */
VsRunFiles *vs_run_files_open(const char *directory, const char *boot_id, GError **error);
void vs_run_files_free(VsRunFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsRunFiles, vs_run_files_free)

bool vs_run_files_save(VsRunFiles *files, const VsDomainId *domain, const char *text,
                       GError **error);
bool vs_run_files_forget(VsRunFiles *files, const VsDomainId *domain, GError **error);

/* Realtime µs: when anything was kept or forgotten last, or touched by the one before us; so it was
 * there then. 0: that isn't known. */
int64_t vs_run_files_changed_at(const VsRunFiles *files);
void vs_run_files_touch(const VsRunFiles *files);

/* All that is kept, as VsRunFile. A .json file that can't be read or isn't ours is set aside, see
 * vs_file_set_aside(), and told to @warn (may be NULL); what an interrupted save left is removed.
 * The caller owns the array, which owns its entries. */
typedef struct VsRunFile {
    VsDomainId domain;
    char *boot_id; /* NULL: kept by a version that didn't say */
    char *text;
} VsRunFile;

GPtrArray *vs_run_files_load(VsRunFiles *files, void (*warn)(const char *message, void *userdata),
                             void *userdata, GError **error);

/* What is kept of @domain can't be used, for @why: set aside and told to @warn, likewise. */
void vs_run_files_set_aside(VsRunFiles *files, const VsDomainId *domain, const char *why,
                            void (*warn)(const char *message, void *userdata), void *userdata);

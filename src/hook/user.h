/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "hook/setup.h"

/* As whom a virtstopd of the hook's own is run: as its unit would run it. */

typedef struct VsHookUser {
    bool other;    /* than the hook's own; else the rest says nothing */
    bool has_name; /* its groups are known */
    uid_t uid;
    gid_t gid;
} VsHookUser;

/* The one who has virtstopd's runtime directory, which is the one that it ran as last; ours where
 * there is none, or where we aren't root. */
VsHookUser vs_hook_user_find(const VsHookSetup *setup);

/* Adds the words to @argv that come before a program's, and run it as that user, with what the unit
 * leaves him of root's. They are the caller's, who frees them with g_free(). */
void vs_hook_user_add_words(const VsHookUser *user, GPtrArray *argv);

/* Makes a directory that is his, and nobody else's to look into. */
bool vs_hook_user_make_directory(const VsHookUser *user, const char *path);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "client/client.h"

/* A guest's policy, as virtstopd knows it. */

/* What a key has, and where from: as core/origin.h has it. */
typedef struct VsPolicyRow {
    char *key, *value;
    char *origin; /* "metadata", "section", "default", "built-in" */
    char *where;  /* FILE:LINE, or "" */
} VsPolicyRow;

typedef struct VsPolicyView {
    GPtrArray *rows; /* of VsPolicyRow */
    char **metadata; /* "KEY=VALUE" as the domain's metadata has them; NULL: not known */
    char **tags;     /* NULL: not known */
    char *title;     /* NULL: none, or not known */
    char *error;     /* what is wrong with the metadata; NULL: nothing */
    int refused;     /* ... so that they don't count */
    char *unknown;   /* why what the XML says isn't known; NULL: it is */
} VsPolicyView;

void vs_policy_view_clear(VsPolicyView *view);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VsPolicyView, vs_policy_view_clear)

bool vs_policy_get(VsClient *client, const char *domain, VsPolicyView *ret, GError **error);

/* Writes "KEY=VALUE"s into the domain's metadata; an empty value takes the key out. @replace: and
 * nothing else stays there. */
bool vs_policy_set(VsClient *client, const char *domain, char *const *assignments, bool replace,
                   GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/labels.h"

/* Where what holds for a guest comes from, for people who wonder. */

typedef enum VsOrigin {
    VS_ORIGIN_BUILT_IN, /* nobody says anything */
    VS_ORIGIN_DEFAULT,  /* [Default], or [Daemon] where that has such a key, too */
    VS_ORIGIN_SECTION,  /* a section that matches */
    VS_ORIGIN_METADATA, /* its own XML */
    VS_N_ORIGINS
} VsOrigin;

const char *vs_origin_name(VsOrigin origin); /* "built-in", "default", "section", "metadata" */

typedef struct VsPolicyLine {
    const char *key;
    char *value; /* as one would write it */
    VsOrigin origin;
    char *where; /* FILE:LINE; NULL: in no file */
} VsPolicyLine;

/* What each key has for that guest, and of those that add up all that is said, of VsPolicyLine. The
 * caller owns the array (with its free function set). @labels: NULL where they aren't known. */
GPtrArray *vs_policy_explain(const VsPolicy *policy, const VsDomainId *domain,
                             const VsLabels *labels);

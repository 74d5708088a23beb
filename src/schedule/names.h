/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/policy.h"

/* The guests' names, sorted, and which of them a configuration's words mean. Each glob is matched
 * once, and only against the names that begin as it does. */

typedef struct VsNames VsNames;

/* @sorted: by strcmp(), names may occur twice; kept by the caller. */
VsNames *vs_names_new(const VsPolicy *policy, const char *const *sorted, unsigned n);
void vs_names_free(VsNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsNames, vs_names_free)

/* Sets of names: their numbers, rising. The same words give the same set, which stays @names's. */
typedef GArray VsNameSet;

static inline unsigned
vs_name_set_at(const VsNameSet *set, unsigned i)
{
    return ((const unsigned *)(const void *)set->data)[i];
}

/* Those that a section's glob matches. */
const VsNameSet *vs_names_glob(VsNames *names, const char *glob);

/* Those that a word of Before= or After= means: a name, a glob, or @GROUP. */
const VsNameSet *vs_names_word(VsNames *names, const char *word);

/* @set without the names that are in @other; @set itself where they have none in common. */
const VsNameSet *vs_names_without(VsNames *names, const VsNameSet *set, const VsNameSet *other);

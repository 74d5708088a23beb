/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/policy.h"

/* The guests, sorted by name, and which of them a configuration's words mean. Each word is looked
 * up once; a glob is matched only against the names that begin as it does, or where it is of
 * another kind (title:, tag:, uri:), against all. */

typedef struct VsNames VsNames;

typedef struct VsNamed {
    VsWho who;
    const VsSection *own; /* what its metadata says; or NULL */
} VsNamed;

/* @sorted: by strcmp() of the names, which may occur twice; kept by the caller. */
VsNames *vs_names_new(const VsPolicy *policy, const VsNamed *sorted, unsigned n);
void vs_names_free(VsNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsNames, vs_names_free)

/* Sets of guests: their numbers, rising. The same words give the same set, which stays @names's. */
typedef GArray VsNameSet;

static inline unsigned
vs_name_set_at(const VsNameSet *set, unsigned i)
{
    return ((const unsigned *)(const void *)set->data)[i];
}

/* Those that a section's word means. */
const VsNameSet *vs_names_glob(VsNames *names, const char *glob);

/* That guest alone; and what its metadata says, or NULL. */
const VsNameSet *vs_names_one(VsNames *names, unsigned i);
const VsSection *vs_names_own(const VsNames *names, unsigned i);

/* Those that a word of Before= or After= means: as a section's, or @GROUP. */
const VsNameSet *vs_names_word(VsNames *names, const char *word);

/* @set without the names that are in @other; @set itself where they have none in common. */
const VsNameSet *vs_names_without(VsNames *names, const VsNameSet *set, const VsNameSet *other);

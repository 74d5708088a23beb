/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/labels.h"
#include "util/json.h"

/* Lists of domains that are to be started again, in that order: GPtrArrays of VsRan. */

typedef struct VsRan {
    VsDomainId domain;
    VsLabels *labels; /* what its XML said of its policy; NULL: that wasn't known */
} VsRan;

GPtrArray *vs_ran_new(void);
void vs_ran_add(GPtrArray *ran, const VsDomainId *domain, const VsLabels *labels); /* a copy */

/* Adds those of @from that aren't in @ran yet. */
void vs_ran_merge(GPtrArray *ran, const GPtrArray *from);

/* Takes those of @from out of @ran, but for the one at @but (-1: none). How many came before that.
 */
unsigned vs_ran_drop(GPtrArray *ran, const GPtrArray *from, int but);

/* The place of that domain; -1: it isn't there. */
int vs_ran_find(const GPtrArray *ran, const VsDomainId *domain);

/* As JSON, and back: false with @error, which names the entry that is damaged. */
json_object *vs_ran_to_json(const GPtrArray *ran);
bool vs_ran_from_json(GPtrArray *ran, json_object *array, GError **error);

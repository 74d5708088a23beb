/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "util/json.h"

/* What the Manager's Plan() answers, in words. The caller owns the results. */

/* @key's milliseconds as a span; "no limit" where there is none. */
char *vs_plan_span(json_object *object, const char *key);

/* How many guests there are, how long it all should take, and at most. */
char *vs_plan_summarise(json_object *plan);

/* The table of all guests within @width columns (0: any), in their order, and the sentence below
 * it. */
char *vs_plan_format(json_object *plan, size_t width, bool legend);

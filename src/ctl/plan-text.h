/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/terminal.h"
#include "util/json.h"

/* What the Manager's Plan() answers, in words. The caller owns the results. */

/* @key's milliseconds as a span; "no limit" where there is none. */
char *vs_plan_span(json_object *object, const char *key);

/* When a guest's stop is over, likewise. */
char *vs_plan_end(json_object *guest);

/* What @key says becomes of a guest: "clean", "forced", "left running", ... in a colour. Not to be
 * freed. */
const char *vs_plan_outcome(json_object *guest, const char *key, VsColour *ret_colour);

/* How many guests there are, what becomes of them, how long it all should take, and at most: some
 * sentences, with @between between them. */
char *vs_plan_summarise(json_object *plan, const char *between);

/* The table of all guests within @width columns (0: any), in their order, and the sentences below
 * it. */
char *vs_plan_format(json_object *plan, size_t width, bool legend);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus/ops.h"

/* The answers to the bus's questions, as VsBusOps has them; a view is a VsView. */

GPtrArray *vs_answers_history(void *view, const VsBusHistory *wanted, const gint *dropped,
                              GError **error);
GPtrArray *vs_answers_records(void *view, const VsRecordQuery *query, char **ret_mark,
                              GError **error);
char *vs_answers_plan(void *view, int64_t budget, const VsPart *part, const gint *dropped,
                      GError **error);
GPtrArray *vs_answers_check(void *view, const gint *dropped);
void vs_answers_view_free(void *view);

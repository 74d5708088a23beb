/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/answers.h"

#include "daemon/foresight.h"
#include "daemon/hook-check.h"
#include "record/history-page.h"
#include "record/history-query.h"

GPtrArray *
vs_answers_history(void *view, const VsBusHistory *wanted, const gint *dropped, GError **error)
{
    const VsView *from = view;
    VsHistoryQuery query = {.domain = wanted->domain,
                            .uuid = wanted->uuid,
                            .limit = wanted->limit,
                            .max_size = wanted->max_size,
                            .dropped = dropped};

    return vs_history_query(from->directory, &query, error);
}

GPtrArray *
vs_answers_records(void *view, const VsRecordQuery *query, char **ret_mark, GError **error)
{
    const VsView *from = view;

    return vs_history_page(from->directory, query, ret_mark, error);
}

char *
vs_answers_plan(void *view, int64_t budget, const VsPart *part, const gint *dropped, GError **error)
{
    return vs_foresight_plan(view, budget, part, dropped, error);
}

GPtrArray *
vs_answers_check(void *view, const gint *dropped)
{
    const VsView *from = view;
    GPtrArray *findings = vs_foresight_check(view, dropped);

    vs_hook_check(from->scope, from->hook_paths, findings);
    return findings;
}

void
vs_answers_view_free(void *view)
{
    vs_view_free(view);
}

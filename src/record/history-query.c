/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-query.h"

#include <string.h>

#include "core/record-query.h"
#include "record/history-walk.h"
#include "util/json.h"

/* vs_history_has() looks at no less than this, and at no line before. */
#define RECENT ((size_t)1024 * 1024)

static void
reverse(GPtrArray *array)
{
    for (unsigned i = 0, j = array->len; i + 1 < j; i++) {
        void *last = array->pdata[--j];

        array->pdata[j] = array->pdata[i];
        array->pdata[i] = last;
    }
}

GPtrArray *
vs_history_query(VsHistory *history, const char *domain, unsigned limit, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    VsRecordQuery query = {.domain = domain};
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    g_auto(VsRecordMatch) match = {0};
    const char *line;
    size_t len;
    int r = 1;

    vs_record_match_init(&match, &query);
    vs_history_walk_init(&walk, history);
    while ((limit == 0 || found->len < limit) &&
           (r = vs_history_walk_next(&walk, &line, &len, error)) > 0) {
        if (vs_record_match_line(&match, line, len))
            g_ptr_array_add(found, g_strndup(line, len));
    }
    if (r < 0)
        return NULL;
    reverse(found);
    return g_steal_pointer(&found);
}

static bool
has_id(const char *line, const char *id)
{
    if (!strstr(line, id))
        return false;

    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);
    return record && g_strcmp0(id, vs_json_string(record, "id", NULL)) == 0;
}

bool
vs_history_has(VsHistory *history, const char *id)
{
    g_autoptr(GError) problem = NULL;
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    size_t seen = 0, len;
    const char *line;

    vs_history_walk_init(&walk, history);
    while (seen < RECENT && vs_history_walk_next(&walk, &line, &len, &problem) > 0) {
        if (has_id(line, id))
            return true;
        seen += len + 1;
    }
    if (problem)
        g_warning("%s", problem->message);
    return false;
}

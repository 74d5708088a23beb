/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-query.h"

#include <string.h>

#include "core/record-query.h"
#include "record/history-store.h"
#include "record/history-walk.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/json.h"

/* vs_history_find() looks at no less than this, and at no line before. */
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

typedef struct Found {
    const VsHistoryQuery *query;
    GPtrArray *lines;
    size_t size;
} Found;

static bool
is_full(const Found *found)
{
    return found->query->limit > 0 && found->lines->len >= found->query->limit;
}

/* False where it has no room left. */
static bool
add(Found *found, const char *line, size_t len)
{
    found->size += len + VS_HISTORY_EXTRA;
    if (found->query->max_size > 0 && found->size > found->query->max_size)
        return false;
    g_ptr_array_add(found->lines, g_strndup(line, len));
    return true;
}

static bool
is_dropped(const VsHistoryQuery *query, GError **error)
{
    if (!query->dropped || !g_atomic_int_get(query->dropped))
        return false;
    g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("Nobody waits for the answer any more"));
    return true;
}

GPtrArray *
vs_history_query(const char *directory, const VsHistoryQuery *query, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    VsRecordQuery wanted = {.domain = query->domain, .uuid = query->uuid};
    Found found = {.query = query, .lines = lines};
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    g_auto(VsRecordMatch) match = {0};
    const char *line;
    size_t len;
    int r = 1;

    vs_record_match_init(&match, &wanted);
    vs_history_walk_init(&walk, directory, VS_HISTORY_FILE);
    while (!is_full(&found) && (r = vs_history_walk_next(&walk, &line, &len, error)) > 0) {
        if (is_dropped(query, error))
            return NULL;
        if (vs_record_match_line(&match, line, len) && !add(&found, line, len))
            break;
    }
    if (r < 0)
        return NULL;
    reverse(lines);
    return g_steal_pointer(&lines);
}

static bool
has_id(const char *line, const char *id)
{
    if (!strstr(line, id))
        return false;

    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);
    return record && g_strcmp0(id, vs_json_string(record, "id", NULL)) == 0;
}

char *
vs_history_find(const VsHistory *history, const char *id)
{
    g_autoptr(GError) problem = NULL;
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    size_t seen = 0, len;
    const char *line;

    vs_history_walk_init(&walk, history->directory, history->file);
    while (seen < RECENT && vs_history_walk_next(&walk, &line, &len, &problem) > 0) {
        if (has_id(line, id))
            return g_strdup(line);
        seen += len + 1;
    }
    if (problem)
        g_warning("%s", problem->message);
    return NULL;
}

bool
vs_history_has(const VsHistory *history, const char *id)
{
    g_autofree char *line = vs_history_find(history, id);

    return line != NULL;
}

void
vs_history_visit(const VsHistory *history, size_t size,
                 void (*visit)(json_object *record, void *userdata), void *userdata)
{
    g_autoptr(GError) problem = NULL;
    g_auto(VsHistoryWalk) walk = {.fd = -1};
    size_t seen = 0, len;
    const char *line;

    vs_history_walk_init(&walk, history->directory, history->file);
    while (seen < MAX(size, RECENT) && vs_history_walk_next(&walk, &line, &len, &problem) > 0) {
        g_autoptr(json_object) record = vs_json_parse_object(line, NULL);

        if (record)
            visit(record, userdata);
        seen += len + 1;
    }
    if (problem)
        g_warning("%s", problem->message);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/history-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "record/backward.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/uuid.h"

/* vs_history_has() looks at no less than this, and at no line before. */
#define RECENT ((size_t)1024 * 1024)

/* Called with the lines from the newest on; false: no more are wanted. */
typedef bool (*LineFunc)(const char *line, size_t len, void *userdata);

/* 1: goes on with an older file; 0: enough; or a negative errno. */
static int
walk_file(const VsHistory *history, const char *name, LineFunc func, void *userdata)
{
    g_auto(VsBackward) lines = {.fd = -1};
    const char *line;
    size_t len;
    int fd = openat(history->directory_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;

    if (fd < 0)
        return errno == ENOENT ? 1 : -errno;
    if (!vs_backward_init(&lines, fd)) {
        r = -errno;
    } else {
        while ((r = vs_backward_next(&lines, &line, &len)) > 0 && func(line, len, userdata))
            ;
        r = r == 0 ? 1 : MIN(r, 0);
    }
    close(fd);
    return r;
}

/* All lines, through the rotated files. */
static bool
walk(const VsHistory *history, LineFunc func, void *userdata, GError **error)
{
    g_autoptr(GArray) numbers = NULL;
    g_autofree char *name = g_strdup(VS_HISTORY_FILE);
    int r = walk_file(history, name, func, userdata);

    if (r > 0 && !(numbers = vs_history_rotated(history, error)))
        return false;
    for (unsigned i = 0; r > 0 && i < numbers->len; i++) {
        g_free(name);
        name = vs_history_rotated_name(g_array_index(numbers, unsigned, i));
        r = walk_file(history, name, func, userdata);
    }
    return r >= 0 || vs_history_fail(history, name, _("Can't read %s: %s"), -r, error);
}

/* What a query looks for. */
typedef struct Query {
    const char *name; /* NULL: every domain */
    const char *uuid; /* in lower case, or NULL: what was asked for is none */
    bool plain;       /* JSON writes the name as it is, so a line without it needn't be parsed */
    unsigned limit;
    GPtrArray *found;
} Query;

static bool
is_plain(const char *name)
{
    for (; *name; name++) {
        if (!g_ascii_isalnum(*name) && !strchr("-_.: ", *name))
            return false;
    }
    return true;
}

static bool
may_match(const Query *query, const char *line)
{
    return !query->name || !query->plain || strstr(line, query->name) ||
           (query->uuid && strstr(line, query->uuid));
}

static bool
matches(const Query *query, const char *line)
{
    if (!may_match(query, line))
        return false;

    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);
    if (!record || !query->name)
        return record != NULL;

    json_object *domain = vs_json_object(record, "domain");
    return domain &&
           (g_strcmp0(query->name, vs_json_string(domain, "name", NULL)) == 0 ||
            (query->uuid && g_strcmp0(query->uuid, vs_json_string(domain, "uuid", NULL)) == 0));
}

static bool
collect(const char *line, size_t len, void *userdata)
{
    Query *query = userdata;

    if (strlen(line) == len && matches(query, line))
        g_ptr_array_add(query->found, g_strdup(line));
    return query->limit == 0 || query->found->len < query->limit;
}

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
    bool by_uuid = domain && vs_uuid_is_valid(domain);
    g_autofree char *uuid = by_uuid ? g_ascii_strdown(domain, -1) : NULL;
    Query query = {.name = domain,
                   .uuid = uuid,
                   .plain = domain && is_plain(domain),
                   .limit = limit,
                   .found = found};

    if (!walk(history, collect, &query, error))
        return NULL;
    reverse(found);
    return g_steal_pointer(&found);
}

typedef struct Search {
    const char *id;
    size_t seen; /* bytes */
    bool found;
} Search;

static bool
look_for_id(const char *line, size_t len, void *userdata)
{
    Search *search = userdata;

    search->seen += len + 1;
    if (strstr(line, search->id)) {
        g_autoptr(json_object) record = vs_json_parse_object(line, NULL);

        search->found = record && g_strcmp0(search->id, vs_json_string(record, "id", NULL)) == 0;
    }
    return !search->found && search->seen < RECENT;
}

bool
vs_history_has(VsHistory *history, const char *id)
{
    g_autoptr(GError) problem = NULL;
    Search search = {.id = id};

    if (!walk(history, look_for_id, &search, &problem))
        g_warning("%s", problem->message);
    return search.found;
}

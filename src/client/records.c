/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/records.h"

#include <string.h>

#include "client/objects.h"
#include "client/record-pages.h"
#include "core/disclosure.h"
#include "util/error.h"

/* So much of the pages is held on the way to the oldest, so that they needn't be asked for again.
 */
#define MAX_HELD ((size_t)16 * 1024 * 1024)

/* How often a walk begins anew because the files were rotated away under it. */
#define MAX_TRIES 3

/* How many pages are looked through for the record of one stop. */
#define MAX_PAGES 4

/* A line that can't be read is one record less, not the end. */
static bool
tell(const VsClient *client, const char *line, VsRecordFunc func, void *userdata)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_object) record = vs_json_parse_object(line, &error);

    if (record)
        return func(record, userdata);
    if (client->notice)
        client->notice(VS_CLIENT_RECORD_PASSED_OVER, error);
    return true;
}

/* Makes @query that of the next page; false where there is none, or none is wanted. @mark keeps
 * what it points to. */
static bool
go_on(VsRecordQuery *query, VsRecordPage *page, char **mark)
{
    g_free(*mark);
    query->after = *mark = g_steal_pointer(&page->mark);
    if (query->limit > 0) {
        query->limit -= MIN(page->lines->len, query->limit);
        return *mark && query->limit > 0;
    }
    return *mark != NULL;
}

bool
vs_records_newest_first(VsClient *client, const VsRecordQuery *query, VsRecordFunc func,
                        void *userdata, GError **error)
{
    g_autofree char *mark = NULL;
    VsRecordQuery next = *query;
    bool more;

    do {
        g_auto(VsRecordPage) page = {0};

        if (!vs_record_page_get(client, &next, &page, error))
            return false;
        for (unsigned i = page.lines->len; i > 0; i--) {
            if (!tell(client, page.lines->pdata[i - 1], func, userdata))
                return true;
        }
        more = go_on(&next, &page, &mark);
    } while (more);
    return true;
}

/* A page on the way to the oldest one, to be asked for again where it isn't held. */
typedef struct Leaf {
    char *after; /* NULL: it is the first */
    unsigned limit;
    GPtrArray *lines; /* or NULL */
} Leaf;

static void
leaf_clear(void *data)
{
    Leaf *leaf = data;

    g_free(leaf->after);
    g_clear_pointer(&leaf->lines, g_ptr_array_unref);
}

static size_t
size_of(const GPtrArray *lines)
{
    size_t size = 0;

    for (unsigned i = 0; i < lines->len; i++)
        size += strlen(lines->pdata[i]);
    return size;
}

/* All pages, the newest first. The first one is always held: without a mark to begin with, it would
 * be another one when it is asked for again. */
static bool
collect(VsClient *client, const VsRecordQuery *query, GArray *leaves, GError **error)
{
    g_autofree char *mark = NULL;
    VsRecordQuery next = *query;
    size_t held = 0;
    bool more;

    do {
        Leaf leaf = {.after = g_strdup(next.after), .limit = next.limit};
        g_auto(VsRecordPage) page = {0};

        g_array_append_val(leaves, leaf);
        if (!vs_record_page_get(client, &next, &page, error))
            return false;
        more = go_on(&next, &page, &mark);
        held += size_of(page.lines);
        if (leaves->len == 1 || held <= MAX_HELD)
            g_array_index(leaves, Leaf, leaves->len - 1).lines = g_steal_pointer(&page.lines);
    } while (more);
    return true;
}

/* 1: go on; 0: no more are wanted; -1 with @error. */
static int
tell_leaf(VsClient *client, const VsRecordQuery *query, const Leaf *leaf, VsRecordFunc func,
          void *userdata, GError **error)
{
    g_auto(VsRecordPage) page = {0};
    VsRecordQuery again = *query;
    const GPtrArray *lines = leaf->lines;

    if (!lines) {
        again.after = leaf->after;
        again.limit = leaf->limit;
        if (!vs_record_page_get(client, &again, &page, error))
            return -1;
        lines = page.lines;
    }
    for (unsigned i = 0; i < lines->len; i++) {
        if (!tell(client, lines->pdata[i], func, userdata))
            return 0;
    }
    return 1;
}

/* One try. @ret_began: @func was called. */
static bool
walk(VsClient *client, const VsRecordQuery *query, VsRecordFunc func, void *userdata,
     bool *ret_began, GError **error)
{
    g_autoptr(GArray) leaves = g_array_new(FALSE, FALSE, sizeof(Leaf));
    int r = 1;

    *ret_began = false;
    g_array_set_clear_func(leaves, leaf_clear);
    if (!collect(client, query, leaves, error))
        return false;
    for (unsigned i = leaves->len; i > 0 && r > 0; i--) {
        r = tell_leaf(client, query, &g_array_index(leaves, Leaf, i - 1), func, userdata, error);
        *ret_began |= r >= 0;
    }
    return r >= 0;
}

bool
vs_records_oldest_first(VsClient *client, const VsRecordQuery *query, VsRecordFunc func,
                        void *userdata, GError **error)
{
    bool began;

    for (unsigned i = 1;; i++) {
        g_autoptr(GError) why = NULL;

        if (walk(client, query, func, userdata, &began, &why))
            return true;
        if (began || i == MAX_TRIES || !g_error_matches(why, VS_ERROR, VS_ERROR_MARK_GONE)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
    }
}

static bool
keep(json_object *record, void *userdata)
{
    json_object **ret = userdata;

    *ret = json_object_get(record);
    return false;
}

json_object *
vs_records_last(VsClient *client, const VsRecordQuery *query, GError **error)
{
    VsRecordQuery one = *query;
    json_object *record = NULL;

    one.limit = 1;
    vs_records_newest_first(client, &one, keep, &record, error);
    return record;
}

json_object *
vs_records_of_stop(VsClient *client, const char *stop, GError **error)
{
    VsRecordQuery query = {.stop = stop, .limit = 1, .is_public = true};
    g_autofree char *mark = NULL;
    json_object *record = NULL;
    bool more = true;

    for (unsigned i = 0; i < MAX_PAGES && more; i++) {
        g_auto(VsRecordPage) page = {0};

        if (!vs_record_page_get(client, &query, &page, error))
            return NULL;
        if (page.lines->len > 0)
            tell(client, page.lines->pdata[0], keep, &record);
        more = go_on(&query, &page, &mark);
    }
    return record;
}

json_object *
vs_record_whole(VsClient *client, json_object *record)
{
    g_autoptr(GError) error = NULL;
    VsRecordQuery query = {.id = vs_json_string(record, "id", NULL)};
    json_object *whole = NULL;

    if (vs_disclosure_withheld(record) == VS_WITHHOLDING_NOT_ASKED && query.id)
        whole = vs_records_last(client, &query, &error);
    return whole ? whole : json_object_get(record);
}

/* The UUID of the domain that @domain resolves to. */
static char *
resolve(VsClient *client, const char *domain, GError **error)
{
    g_autofree char *path = vs_client_find_domain(client, domain, error);
    g_autoptr(sd_bus_message) reply =
        path ? vs_client_get_all(client, path, VS_BUS_DOMAIN, error) : NULL;
    g_auto(VsDomainObject) object = {0};

    if (!reply || !vs_client_check(vs_domain_object_read(&object, reply), error))
        return NULL;
    return g_strdup(object.uuid);
}

char *
vs_records_domain(VsClient *client, const char *typed)
{
    /* A name stays with the records of transient domains that each had a UUID of their own, so the
     * name is asked for as it is. But a number may be the id of a domain that runs. */
    bool number = typed && strspn(typed, "0123456789") == strlen(typed);
    char *uuid = number ? resolve(client, typed, NULL) : NULL;

    return uuid ? uuid : g_strdup(typed);
}

const char *
vs_record_stop(json_object *record)
{
    return vs_json_string(vs_json_object(record, "request"), "stop", NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/record-pages.h"

#include <string.h>

#include "core/disclosure.h"
#include "util/error.h"

/* GetHistory() cuts its reply at 16 MiB, without a word. No record is half as long as that. */
#define MAY_BE_CUT ((size_t)8 * 1024 * 1024)

void
vs_record_page_clear(VsRecordPage *page)
{
    g_clear_pointer(&page->lines, g_ptr_array_unref);
    g_clear_pointer(&page->mark, g_free);
}

static int
append_text(sd_bus_message *call, const char *name, const char *value)
{
    return value ? sd_bus_message_append(call, "{sv}", name, "s", value) : 0;
}

static int
append_time(sd_bus_message *call, const char *name, int64_t value)
{
    return value > 0 ? sd_bus_message_append(call, "{sv}", name, "t", (uint64_t)value) : 0;
}

static int
append_query(sd_bus_message *call, const VsRecordQuery *query)
{
    int r;

    if ((r = sd_bus_message_open_container(call, 'a', "{sv}")) < 0 ||
        (r = append_text(call, "uri", query->uri)) < 0 ||
        (r = append_text(call, "domain", query->domain)) < 0 ||
        (r = append_text(call, "id", query->id)) < 0 ||
        (r = append_text(call, "stop", query->stop)) < 0 ||
        (r = append_text(call, "host_stop", query->host_stop)) < 0 ||
        (r = append_text(call, "cause", query->cause)) < 0 ||
        (r = append_text(call, "outcome", query->outcome)) < 0 ||
        (r = append_time(call, "since", query->since)) < 0 ||
        (r = append_time(call, "until", query->until)) < 0 ||
        (r = append_text(call, "after", query->after)) < 0)
        return r;
    if (query->requests && (r = sd_bus_message_append(call, "{sv}", "requests", "b", 1)) < 0)
        return r;
    if (query->is_public && (r = sd_bus_message_append(call, "{sv}", "public", "b", 1)) < 0)
        return r;
    if (query->unclean && (r = sd_bus_message_append(call, "{sv}", "unclean", "b", 1)) < 0)
        return r;
    if (query->limit > 0)
        r = sd_bus_message_append(call, "{sv}", "limit", "u", (uint32_t)query->limit);
    return r < 0 ? r : sd_bus_message_close_container(call);
}

static int
read_lines(sd_bus_message *reply, GPtrArray *lines)
{
    const char *line;
    int r = sd_bus_message_enter_container(reply, 'a', "s");

    if (r < 0)
        return r;
    while ((r = sd_bus_message_read(reply, "s", &line)) > 0)
        g_ptr_array_add(lines, g_strdup(line));
    return r < 0 ? r : sd_bus_message_exit_container(reply);
}

/* polkit may take its time, and says the same of the next page. */
static void
note_withheld(VsClient *client, const GPtrArray *lines)
{
    for (unsigned i = 0; i < lines->len && !client->sees_less; i++) {
        const char *line = lines->pdata[i];
        g_autoptr(json_object) record =
            strstr(line, "\"withheld\":") ? vs_json_parse_object(line, NULL) : NULL;

        client->sees_less = vs_disclosure_withheld(record) > VS_WITHHOLDING_NOT_ASKED;
    }
}

static bool
send_query(VsClient *client, const VsRecordQuery *query, VsRecordPage *page, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "ListRecords"), reply = NULL;
    const char *mark;
    int r;

    if (call && append_query(call, query) < 0)
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(client, call, error);
    if (!reply)
        return false;
    r = read_lines(reply, page->lines);
    if (r >= 0)
        r = sd_bus_message_read(reply, "s", &mark);
    if (!vs_client_check(r, error))
        return false;
    page->mark = *mark ? g_strdup(mark) : NULL;
    note_withheld(client, page->lines);
    return true;
}

static bool
list_records(VsClient *client, const VsRecordQuery *query, VsRecordPage *page, GError **error)
{
    g_autoptr(GError) why = NULL;
    VsRecordQuery own = *query;

    own.is_public |= client->sees_less;
    if (send_query(client, &own, page, &why))
        return true;
    /* An older virtstopd doesn't know that option, and asks polkit nothing. */
    if (own.is_public && g_error_matches(why, VS_ERROR, VS_ERROR_INVALID)) {
        own.is_public = false;
        return send_query(client, &own, page, error);
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

static void
notice_if_cut(const VsClient *client, const GPtrArray *lines)
{
    static bool said;
    size_t size = 0;

    for (unsigned i = 0; i < lines->len; i++)
        size += strlen(lines->pdata[i]);
    if (size < MAY_BE_CUT || said || !client->notice)
        return;
    said = true;
    client->notice(VS_CLIENT_RECORDS_CUT, NULL);
}

/* What of @lines is asked for, as an older daemon doesn't know that. */
static void
filter(GPtrArray *lines, const VsRecordQuery *query)
{
    g_auto(VsRecordMatch) match = {0};

    vs_record_match_init(&match, query);
    for (unsigned i = lines->len; i > 0; i--) {
        const char *line = lines->pdata[i - 1];

        if (!vs_record_match_line(&match, line, strlen(line)))
            g_ptr_array_remove_index(lines, i - 1);
    }
    if (query->limit > 0 && lines->len > query->limit)
        g_ptr_array_remove_range(lines, 0, lines->len - query->limit);
}

static bool
get_history(VsClient *client, const VsRecordQuery *query, VsRecordPage *page, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "GetHistory"), reply = NULL;
    bool counts = !query->uri && !query->id && !query->stop && !query->host_stop && !query->cause &&
                  !query->outcome && !query->unclean && query->since == 0 && query->until == 0;

    if (call && sd_bus_message_append(call, "su", query->domain ? query->domain : "",
                                      (uint32_t)(counts ? query->limit : 0)) < 0)
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(client, call, error);
    if (!reply || !vs_client_check(read_lines(reply, page->lines), error))
        return false;
    notice_if_cut(client, page->lines);
    filter(page->lines, query);
    return true;
}

/* Where virtstopd isn't there, as @why says, its files may be. */
static bool
read_file(VsClient *client, const VsRecordQuery *query, const GError *why, VsRecordPage *ret,
          GError **error)
{
    g_autofree char *mark = NULL;
    GPtrArray *lines = client->read_page(client, query, &mark, error);

    if (!lines) {
        g_prefix_error(error, "%s; ", why->message);
        return false;
    }
    if (!client->why_away)
        client->why_away = g_error_copy(why);
    if (!client->reads_file && client->notice)
        client->notice(VS_CLIENT_RECORDS_OF_FILE, why);
    client->reads_file = true;
    *ret = (VsRecordPage){.lines = lines, .mark = *mark ? g_steal_pointer(&mark) : NULL};
    return true;
}

static bool
may_read_file(const VsClient *client, const GError *why)
{
    return client->read_page && !client->host &&
           g_error_matches(why, VS_ERROR, VS_ERROR_NOT_CONNECTED);
}

bool
vs_record_page_get(VsClient *client, const VsRecordQuery *query, VsRecordPage *ret, GError **error)
{
    g_auto(VsRecordPage) page = {.lines = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(GError) why = NULL;

    if (!list_records(client, query, &page, &why)) {
        if (may_read_file(client, why))
            return read_file(client, query, why, ret, error);
        if (!g_error_matches(why, VS_ERROR, VS_ERROR_NO_METHOD)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        if (!get_history(client, query, &page, error))
            return false;
    }
    *ret = page;
    page = (VsRecordPage){0};
    return true;
}

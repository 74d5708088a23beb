/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/policy.h"

#include <string.h>

#include "util/span.h"

/* What has to be written waits for whoever holds the domain, 30 s at most. */
#define PATIENCE (60 * VS_USEC_PER_SEC)

void
vs_policy_view_clear(VsPolicyView *view)
{
    g_clear_pointer(&view->rows, g_ptr_array_unref);
    g_clear_pointer(&view->metadata, g_strfreev);
    g_clear_pointer(&view->tags, g_strfreev);
    g_clear_pointer(&view->title, g_free);
    g_clear_pointer(&view->error, g_free);
    g_clear_pointer(&view->unknown, g_free);
}

static void
free_row(void *data)
{
    VsPolicyRow *row = data;

    g_free(row->key);
    g_free(row->value);
    g_free(row->origin);
    g_free(row->where);
    g_free(row);
}

static int
read_rows(VsPolicyView *view, sd_bus_message *reply)
{
    const char *key, *value, *origin, *where;
    int r = sd_bus_message_enter_container(reply, 'a', "(ssss)");

    view->rows = g_ptr_array_new_with_free_func(free_row);
    while (r >= 0 &&
           (r = sd_bus_message_read(reply, "(ssss)", &key, &value, &origin, &where)) > 0) {
        VsPolicyRow *row = g_new(VsPolicyRow, 1);

        *row = (VsPolicyRow){g_strdup(key), g_strdup(value), g_strdup(origin), g_strdup(where)};
        g_ptr_array_add(view->rows, row);
    }
    return r < 0 ? r : sd_bus_message_exit_container(reply);
}

static int
read_words(char ***words, sd_bus_message *reply)
{
    g_autoptr(GPtrArray) array = g_ptr_array_new();
    const char *word;
    int r;

    if ((r = sd_bus_message_enter_container(reply, 'v', "as")) < 0 ||
        (r = sd_bus_message_enter_container(reply, 'a', "s")) < 0)
        return r;
    while ((r = sd_bus_message_read(reply, "s", &word)) > 0)
        g_ptr_array_add(array, (void *)word);
    g_ptr_array_add(array, NULL);
    g_strfreev(*words);
    *words = g_strdupv((char **)array->pdata);
    if (r < 0 || (r = sd_bus_message_exit_container(reply)) < 0)
        return r;
    return sd_bus_message_exit_container(reply);
}

static int
read_text(char **text, sd_bus_message *reply)
{
    const char *value;
    int r = sd_bus_message_read(reply, "v", "s", &value);

    if (r >= 0) {
        g_free(*text);
        *text = g_strdup(value);
    }
    return r;
}

static int
read_label(VsPolicyView *view, const char *name, sd_bus_message *reply)
{
    const char *contents;
    int r = sd_bus_message_peek_type(reply, NULL, &contents);

    if (r < 0)
        return r;
    if (g_str_equal(name, "metadata") && g_str_equal(contents, "as"))
        return read_words(&view->metadata, reply);
    if (g_str_equal(name, "tags") && g_str_equal(contents, "as"))
        return read_words(&view->tags, reply);
    if (g_str_equal(name, "title") && g_str_equal(contents, "s"))
        return read_text(&view->title, reply);
    if (g_str_equal(name, "error") && g_str_equal(contents, "s"))
        return read_text(&view->error, reply);
    if (g_str_equal(name, "unknown") && g_str_equal(contents, "s"))
        return read_text(&view->unknown, reply);
    if (g_str_equal(name, "refused") && g_str_equal(contents, "b"))
        return sd_bus_message_read(reply, "v", "b", &view->refused);
    return sd_bus_message_skip(reply, "v");
}

static int
read_labels(VsPolicyView *view, sd_bus_message *reply)
{
    const char *name;
    int r = sd_bus_message_enter_container(reply, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0)
        if ((r = sd_bus_message_read(reply, "s", &name)) >= 0 &&
            (r = read_label(view, name, reply)) >= 0)
            r = sd_bus_message_exit_container(reply);
    return r < 0 ? r : sd_bus_message_exit_container(reply);
}

bool
vs_policy_get(VsClient *client, const char *domain, VsPolicyView *ret, GError **error)
{
    g_autoptr(sd_bus_message) reply = vs_client_call_domain(client, "GetPolicy", domain, error);
    g_auto(VsPolicyView) view = {0};

    if (!reply || !vs_client_check(read_rows(&view, reply), error) ||
        !vs_client_check(read_labels(&view, reply), error))
        return false;
    *ret = view;
    view = (VsPolicyView){0};
    return true;
}

static int
append_changes(sd_bus_message *call, char *const *assignments)
{
    int r = sd_bus_message_open_container(call, 'a', "{ss}");

    for (; r >= 0 && *assignments; assignments++) {
        const char *value = strchr(*assignments, '=');
        g_autofree char *key = g_strndup(*assignments, (size_t)(value - *assignments));

        r = sd_bus_message_append(call, "{ss}", key, value + 1);
    }
    return r < 0 ? r : sd_bus_message_close_container(call);
}

static int
append_options(const VsClient *client, sd_bus_message *call, bool replace)
{
    int r = sd_bus_message_open_container(call, 'a', "{sv}");

    if (r >= 0 && client->uri)
        r = sd_bus_message_append(call, "{sv}", "uri", "s", client->uri);
    if (r >= 0 && replace)
        r = sd_bus_message_append(call, "{sv}", "replace", "b", 1);
    return r < 0 ? r : sd_bus_message_close_container(call);
}

bool
vs_policy_set(VsClient *client, const char *domain, char *const *assignments, bool replace,
              GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(client, "SetPolicy");
    g_autoptr(sd_bus_message) reply = NULL;
    int64_t usual = client->call_timeout;

    if (call &&
        (sd_bus_message_append(call, "s", domain) < 0 || append_changes(call, assignments) < 0 ||
         append_options(client, call, replace) < 0))
        g_clear_pointer(&call, sd_bus_message_unref);
    client->call_timeout = PATIENCE;
    reply = vs_client_send(client, call, error);
    client->call_timeout = usual;
    return reply != NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/whole.h"

#include "client/properties.h"
#include "util/span.h"
#include "util/wallclock.h"

void
vs_whole_clear(VsWhole *whole)
{
    g_clear_pointer(&whole->path, g_free);
    g_clear_pointer(&whole->id, g_free);
}

static int
read_id(VsWhole *whole, sd_bus_message *message)
{
    const char *id;
    int r = sd_bus_message_read(message, "v", "s", &id);

    if (r >= 0) {
        g_free(whole->id);
        whole->id = g_strdup(id);
    }
    return r;
}

static int
read_value(void *object, const char *name, sd_bus_message *message)
{
    VsWhole *whole = object;
    const char *contents;
    uint64_t value;
    int r = sd_bus_message_peek_type(message, NULL, &contents);

    if (r < 0)
        return r;
    if (g_str_equal(name, "Id") && g_str_equal(contents, "s"))
        return read_id(whole, message);
    if (g_str_equal(name, "Limited") && g_str_equal(contents, "b"))
        return sd_bus_message_read(message, "v", "b", &whole->limited);
    if (!g_str_equal(contents, "t") ||
        (!g_str_equal(name, "Deadline") && !g_str_equal(name, "Requested")))
        return sd_bus_message_skip(message, "v");
    r = sd_bus_message_read(message, "v", "t", &value);
    if (r >= 0 && g_str_equal(name, "Requested"))
        whole->requested = (int64_t)MIN(value, INT64_MAX);
    else if (r >= 0 &&
             value < INT64_MAX) /* when it is over it has none any more: the last counts */
        whole->deadline = (int64_t)value;
    return r;
}

/* On the host where the daemon runs. */
static int64_t
took_here(const VsWhole *whole)
{
    return MAX(g_get_real_time() - whole->requested, 0);
}

/* Both clocks are this host's. */
static void
reckon(VsWhole *whole)
{
    int64_t asked = g_get_monotonic_time() - took_here(whole);

    whole->budget = whole->limited && whole->deadline < VS_USEC_INFINITY
                        ? MAX(whole->deadline - asked, 0)
                        : VS_USEC_INFINITY;
}

static const char *
find_path(const GPtrArray *list)
{
    for (unsigned i = list->len; i > 0; i--) {
        const VsWaited *waited = list->pdata[i - 1];
        const char *path = waited->stop.host_stop;

        if (path && !g_str_equal(path, VS_BUS_NO_OBJECT))
            return path;
    }
    return NULL;
}

static void
ask_earlier(VsWhole *whole, VsClient *client, const GPtrArray *list)
{
    g_autoptr(GHashTable) ours = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = list->pdata[i];

        if (waited->id)
            g_hash_table_add(ours, waited->id);
    }
    vs_host_stop_tally_ask(&whole->earlier, client, whole->id, ours);
}

void
vs_whole_learn(VsWhole *whole, VsClient *client, const GPtrArray *list)
{
    const char *path = find_path(list);
    bool known = path && g_strcmp0(path, whole->path) == 0;
    g_autoptr(sd_bus_message) reply =
        path ? vs_client_get_all(client, path, VS_BUS_HOST_STOP, NULL) : NULL;
    g_auto(VsWhole) learnt = {.deadline = VS_USEC_INFINITY, .learnt = g_get_monotonic_time()};

    if (known) { /* when it is over it has no deadline any more */
        learnt.deadline = whole->deadline;
        learnt.earlier = whole->earlier;
        learnt.learnt = whole->learnt;
    }
    if (!reply || vs_properties_read(reply, read_value, &learnt) < 0)
        return;
    learnt.path = g_strdup(path);
    reckon(&learnt);
    if (!known && learnt.id)
        ask_earlier(&learnt, client, list);
    vs_whole_clear(whole);
    *whole = learnt;
    learnt = (VsWhole){0};
}

void
vs_whole_read_change(VsWhole *whole, const char *path, sd_bus_message *changed)
{
    if (g_strcmp0(whole->path, path) == 0 && vs_properties_read(changed, read_value, whole) >= 0)
        reckon(whole);
}

/* When the last of them was off, by its host's clock, realtime µs; 0: not known. @ret_all: whether
 * each of them tells. */
static int64_t
last_end(const GPtrArray *list, bool *ret_all)
{
    int64_t last = 0;

    *ret_all = true;
    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = list->pdata[i];
        int64_t end;

        if (waited->twin)
            continue;
        if (waited->record &&
            vs_wallclock_parse(vs_json_string(waited->record, "time", ""), &end, NULL))
            last = MAX(last, end);
        else
            *ret_all = false;
    }
    return last;
}

int64_t
vs_whole_took(const VsWhole *whole, const VsClient *client, const GPtrArray *list)
{
    int64_t end, waited = g_get_monotonic_time() - whole->learnt;
    bool all;

    if (!client->host)
        return took_here(whole);
    end = last_end(list, &all);
    return MAX(MAX(end - whole->requested, 0), all ? 0 : waited);
}

int64_t
vs_whole_budget(const VsWhole *whole, const VsClient *client, const GPtrArray *list)
{
    int64_t budget = VS_USEC_INFINITY;

    if (!client->host)
        return whole->budget;
    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = list->pdata[i];

        vs_json_msec(vs_json_object(waited->record, "host_stop"), "budget_ms", &budget);
    }
    return budget;
}

/* Of another host's clock nothing is known here. */
int64_t
vs_whole_left(const VsWhole *whole, const VsClient *client)
{
    if (!whole->path || whole->budget == VS_USEC_INFINITY || client->host)
        return VS_USEC_INFINITY;
    return MAX(whole->deadline - g_get_monotonic_time(), 0);
}

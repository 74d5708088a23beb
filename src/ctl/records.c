/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/records.h"

#include <string.h>

#include "ctl/objects.h"
#include "ctl/output.h"
#include "util/i18n.h"

static void
free_record(gpointer data)
{
    json_object_put(data);
}

static sd_bus_message *
call_history(VsCtl *ctl, const char *domain, unsigned limit, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(ctl, "GetHistory");

    if (call && sd_bus_message_append(call, "su", domain ? domain : "", limit) < 0)
        g_clear_pointer(&call, sd_bus_message_unref);
    return vs_client_send(ctl, call, error);
}

/* A line that can't be read is one record less, not the end. */
static void
add_record(GPtrArray *records, const char *uri, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_object) record = vs_json_parse_object(line, &error);

    if (!record)
        vs_output_complain(_("A record is passed over: %s"), error->message);
    else if (!uri || g_str_equal(vs_json_string(record, "uri", ""), uri))
        g_ptr_array_add(records, g_steal_pointer(&record));
}

GPtrArray *
vs_records_query(VsCtl *ctl, const char *domain, unsigned limit, GError **error)
{
    /* The daemon knows nothing of the uri that we want, so it can't count for us then. */
    g_autoptr(sd_bus_message) reply = call_history(ctl, domain, ctl->uri ? 0 : limit, error);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_record);
    const char *line;
    int r;

    if (!reply || !vs_client_check(sd_bus_message_enter_container(reply, 'a', "s"), error))
        return NULL;
    while ((r = sd_bus_message_read(reply, "s", &line)) > 0)
        add_record(records, ctl->uri, line);
    if (!vs_client_check(r, error))
        return NULL;
    if (limit > 0 && records->len > limit)
        g_ptr_array_remove_range(records, 0, records->len - limit);
    return g_steal_pointer(&records);
}

/* The UUID of the domain that @domain resolves to. */
static char *
resolve(VsCtl *ctl, const char *domain, GError **error)
{
    g_autofree char *path = vs_client_find_domain(ctl, domain, error);
    g_autoptr(sd_bus_message) reply =
        path ? vs_client_get_all(ctl, path, VS_BUS_DOMAIN, error) : NULL;
    g_auto(VsDomainObject) object = {0};

    if (!reply || !vs_client_check(vs_domain_object_read(&object, reply), error))
        return NULL;
    return g_strdup(object.uuid);
}

GPtrArray *
vs_records_get(VsCtl *ctl, const char *domain, unsigned limit, GError **error)
{
    /* A name stays with the records of transient domains that each had a UUID of their own, so the
     * name is asked for as it is. But a number may be the id of a domain that runs. */
    bool number = domain && strspn(domain, "0123456789") == strlen(domain);
    g_autofree char *uuid = number ? resolve(ctl, domain, NULL) : NULL;
    g_autoptr(GPtrArray) records = vs_records_query(ctl, uuid ? uuid : domain, limit, error);
    g_autofree char *path = NULL;

    if (!records || records->len > 0 || !domain)
        return g_steal_pointer(&records);
    path = vs_client_find_domain(ctl, domain, error);
    return path ? g_steal_pointer(&records) : NULL;
}

const char *
vs_record_stop(json_object *record)
{
    return vs_json_string(vs_json_object(record, "request"), "stop", NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/noted.h"

#include <string.h>

#include "client/objects.h"
#include "ctl/output.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/text.h"
#include "words/joints.h"

/* Who reads on knows where to look for the others. */
#define MAX_NAMED 10

static void
free_domain(gpointer data)
{
    vs_domain_object_clear(data);
    g_free(data);
}

static bool
runs(const GPtrArray *domains, const char *name, const char *uri)
{
    for (unsigned i = 0; i < domains->len; i++) {
        const VsDomainObject *domain = domains->pdata[i];

        if (g_str_equal(domain->name, name) && g_str_equal(domain->uri, uri))
            return domain->id >= 0 && !g_str_equal(domain->state, "in shutdown");
    }
    return false;
}

static bool
is_in(const GPtrArray *noted, const char *name, const char *uri)
{
    for (unsigned i = 0; i < noted->len; i++) {
        const VsDomainObject *domain = noted->pdata[i];

        if (g_str_equal(domain->name, name) && g_str_equal(domain->uri, uri))
            return true;
    }
    return false;
}

/* Those of one host stop. False: an older virtstopd doesn't tell. */
static bool
add_of(VsCtl *ctl, const char *path, const GPtrArray *domains, GPtrArray *noted)
{
    g_autoptr(sd_bus_message) reply = NULL;
    const char *name, *uri;

    if (sd_bus_get_property(ctl->client.bus, VS_BUS_NAME, path, VS_BUS_HOST_STOP, "Ran", NULL,
                            &reply, "a(ss)") < 0 ||
        sd_bus_message_enter_container(reply, 'a', "(ss)") < 0)
        return false;
    while (sd_bus_message_read(reply, "(ss)", &name, &uri) > 0) {
        VsDomainObject *domain;

        if (runs(domains, name, uri) || is_in(noted, name, uri))
            continue;
        domain = g_new0(VsDomainObject, 1);
        domain->name = g_strdup(name);
        domain->uri = g_strdup(uri);
        g_ptr_array_add(noted, domain);
    }
    return true;
}

/* Whether @path is that of the one whose id begins so. */
static bool
is_meant(const char *path, const char *id)
{
    g_autofree char *beginning = id ? g_ascii_strdown(id, -1) : NULL;
    const char *name = strrchr(path, '/') + 1;

    return !id || g_str_has_prefix(name, g_strdelimit(beginning, "-", '_'));
}

/* Their paths. The caller owns the array, of char *. */
static GPtrArray *
list_host_stops(VsCtl *ctl)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(sd_bus_message) reply = NULL;
    const char *path;

    if (sd_bus_get_property(ctl->client.bus, VS_BUS_NAME, VS_BUS_PATH, VS_BUS_MANAGER, "HostStops",
                            NULL, &reply, "ao") < 0 ||
        sd_bus_message_enter_container(reply, 'a', "o") < 0)
        return paths;
    while (sd_bus_message_read(reply, "o", &path) > 0)
        g_ptr_array_add(paths, g_strdup(path));
    return paths;
}

GPtrArray *
vs_noted_list(VsCtl *ctl, const char *host_stop, GError **error)
{
    g_autoptr(GPtrArray) domains = vs_objects_list_domains(&ctl->client, error);
    g_autoptr(GPtrArray) noted = g_ptr_array_new_with_free_func(free_domain);
    g_autoptr(GPtrArray) paths = NULL;

    if (!domains)
        return NULL;
    paths = list_host_stops(ctl);
    /* The last one's guests are the first. */
    for (unsigned i = paths->len; i > 0; i--)
        if (is_meant(paths->pdata[i - 1], host_stop))
            add_of(ctl, paths->pdata[i - 1], domains, noted);
    return g_steal_pointer(&noted);
}

static void
print_json(const VsCtl *ctl, const VsDomainObject *domain)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "domain", domain->name);
    vs_json_set_string(object, "uri", domain->uri);
    vs_output_json(ctl, object);
}

void
vs_noted_tell(const VsCtl *ctl, const GPtrArray *noted)
{
    GString *text = g_string_new(NULL);
    unsigned n_named = MIN(noted->len, MAX_NAMED), n_more = noted->len - n_named;

    for (unsigned i = 0; ctl->json != VS_JSON_OFF && i < noted->len; i++)
        print_json(ctl, noted->pdata[i]);
    g_string_append_printf(
        text, ngettext("Starting %u guest again", "Starting %u guests again", noted->len),
        noted->len);
    for (unsigned i = 0; i < n_named; i++) {
        const VsDomainObject *domain = noted->pdata[i];
        g_autofree char *name = vs_text_printable(domain->name);

        g_string_append_printf(text, "%s%s", i > 0 ? vs_joint_names() : vs_joint_list(), name);
    }
    if (n_more > 0)
        g_string_append_printf(text, ngettext(" and %u more", " and %u more", n_more), n_more);
    if (ctl->json == VS_JSON_OFF)
        vs_output_printf("%s\n",
                         noted->len > 0 ? text->str : _("No guest is to be started again."));
    g_string_free(text, TRUE);
}

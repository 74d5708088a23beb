/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/objects-json.h"
#include "client/objects.h"
#include "ctl/absent.h"
#include "ctl/output.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"
#include "words/describe.h"

static const VsColumn columns[] = {
    {N_("NAME"), false, 20, 9}, {N_("STATE"), false, 0, 8}, {N_("ID"), true, 0, 3},
    {N_("AGENT"), false, 0, 4}, {N_("STOP"), false, 24, 7}, {N_("URI"), false, 0, 1},
};

static const VsStopObject *
stop_of(const VsDomainObject *domain, GHashTable *stops)
{
    g_autofree char *id = vs_objects_stop_id(domain->stop);

    return id ? g_hash_table_lookup(stops, id) : NULL;
}

static void
add_row(VsTable *table, const VsCtl *ctl, const VsDomainObject *domain, const VsStopObject *stop)
{
    bool active = domain->id >= 0;
    g_autofree char *id = active ? g_strdup_printf("%d", domain->id) : NULL;
    g_autofree char *progress = stop ? vs_describe_progress(&ctl->client, stop) : NULL;

    vs_table_add(table, domain->name, VS_COLOUR_BOLD);
    vs_table_add(table, domain->state, active ? VS_COLOUR_GREEN : VS_COLOUR_NONE);
    vs_table_add(table, id, VS_COLOUR_NONE);
    vs_table_add(table, active ? domain->agent : NULL, VS_COLOUR_NONE);
    vs_table_add(table, progress, progress ? VS_COLOUR_YELLOW : VS_COLOUR_NONE);
    vs_table_add(table, domain->uri, VS_COLOUR_DIM);
}

static void
print_json(const VsCtl *ctl, const GPtrArray *domains, const GPtrArray *stops)
{
    g_autoptr(json_object) array = json_object_new_array();
    g_autoptr(GHashTable) by_id = vs_objects_index_stops(stops);

    for (unsigned i = 0; i < domains->len; i++) {
        const VsDomainObject *domain = g_ptr_array_index(domains, i);
        const VsStopObject *stop = stop_of(domain, by_id);
        json_object *object = vs_domain_object_json(domain);

        vs_json_set(object, "stop", stop ? vs_stop_object_json(stop) : NULL);
        json_object_array_add(array, object);
    }
    vs_output_json(ctl, array);
}

static void
print_table(const VsCtl *ctl, const GPtrArray *domains, const GPtrArray *stops)
{
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    g_autoptr(GHashTable) by_id = vs_objects_index_stops(stops);
    g_autofree char *text = NULL;

    for (unsigned i = 0; i < domains->len; i++) {
        const VsDomainObject *domain = g_ptr_array_index(domains, i);
        add_row(table, ctl, domain, stop_of(domain, by_id));
    }
    text = vs_table_format(table, vs_terminal_columns(), !ctl->no_legend);
    vs_output_text(text);
    if (!ctl->no_legend)
        vs_output_printf(_("\nDomains: %u. Stops in flight: %u.\n"), domains->len, stops->len);
}

/* Forgets those that aren't asked for. */
static void
choose(const VsCtl *ctl, GPtrArray *domains)
{
    for (unsigned i = domains->len; i > 0; i--) {
        const VsDomainObject *domain = domains->pdata[i - 1];
        bool runs = domain->id >= 0, stops = !g_str_equal(domain->stop, VS_BUS_NO_OBJECT);

        if ((ctl->running && !runs) || (ctl->inactive && runs) || (ctl->stopping && !stops))
            g_ptr_array_remove_index(domains, i - 1);
    }
}

static void
print_names(const GPtrArray *domains)
{
    for (unsigned i = 0; i < domains->len; i++) {
        g_autofree char *name =
            vs_text_printable(((const VsDomainObject *)domains->pdata[i])->name);

        vs_output_bytes(name); /* as it is: a program may read it */
        vs_output_bytes("\n");
    }
}

bool
vs_verb_list_check(const VsCtl *ctl, int n_args, char **args, GError **error)
{
    const char *one = NULL, *other = NULL;

    if (ctl->names && ctl->json != VS_JSON_OFF) {
        one = "--name";
        other = "--json";
    } else if (ctl->running + ctl->inactive + ctl->all > 1) {
        one = ctl->running ? "--running" : "--inactive";
        other = ctl->all ? "--all" : "--inactive";
    }
    if (!one)
        return true;
    g_set_error(error, VS_ERROR, VS_ERROR_INVALID, _("%s is not allowed with %s"), one, other);
    return false;
}

VsExit
vs_verb_list(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) domains = vs_objects_list_domains(&ctl->client, &error);
    g_autoptr(GPtrArray) stops = domains ? vs_objects_list_stops(&ctl->client, &error) : NULL;

    if (!stops || !vs_absent_tell(&ctl->client, &error))
        return vs_complain_of(NULL, error);
    choose(ctl, domains);
    vs_output_open_pager(ctl);
    if (ctl->json != VS_JSON_OFF)
        vs_objects_read_owners(&ctl->client, domains);
    if (ctl->json != VS_JSON_OFF)
        print_json(ctl, domains, stops);
    else if (ctl->names)
        print_names(domains);
    else
        print_table(ctl, domains, stops);
    return VS_EXIT_OK;
}

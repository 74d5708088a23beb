/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/history-guests.h"

#include <string.h>

#include "client/objects.h"
#include "client/records.h"
#include "ctl/glob.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

/* So many are looked through for who has any. */
#define MAX_RECORDS 20000

/* Whom one argument means. */
typedef struct Wanted {
    const char *argument;
    bool glob;
    char *uuid; /* where it is the name or the id of one that is there; NULL: it isn't */
    bool seen;
} Wanted;

struct VsHistoryGuests {
    VsCtl *ctl;
    GPtrArray *domains; /* of VsDomainObject; NULL: they weren't asked for */
    GArray *wanted;     /* of Wanted */
    char *only;
};

static void
wanted_clear(gpointer data)
{
    g_free(((Wanted *)data)->uuid);
}

static bool
is_meant(const VsDomainObject *domain, const char *argument)
{
    g_autofree char *id = domain->id >= 0 ? g_strdup_printf("%d", domain->id) : NULL;

    return g_str_equal(domain->name, argument) || g_strcmp0(id, argument) == 0 ||
           g_ascii_strcasecmp(domain->uuid, argument) == 0;
}

/* Who is called as a glob is written is meant himself. */
static void
add(VsHistoryGuests *guests, const char *argument)
{
    Wanted wanted = {.argument = argument, .glob = vs_glob_is(argument)};

    for (unsigned i = 0; guests->domains && i < guests->domains->len && !wanted.uuid; i++) {
        const VsDomainObject *domain = guests->domains->pdata[i];

        if (is_meant(domain, argument))
            wanted.uuid = g_strdup(domain->uuid);
    }
    if (wanted.uuid)
        wanted.glob = false;
    g_array_append_val(guests->wanted, wanted);
}

VsHistoryGuests *
vs_history_guests_new(VsCtl *ctl, int n_args, char *const *args, GError **error)
{
    g_autoptr(VsHistoryGuests) guests = g_new0(VsHistoryGuests, 1);

    guests->ctl = ctl;
    guests->wanted = g_array_new(FALSE, FALSE, sizeof(Wanted));
    g_array_set_clear_func(guests->wanted, wanted_clear);
    if (n_args > 1 || (n_args == 1 && vs_glob_is(args[0]))) {
        guests->domains = vs_glob_domains(ctl, true, error);
        if (!guests->domains)
            return NULL;
    }
    for (int i = 0; i < n_args; i++)
        add(guests, args[i]);
    if (n_args == 1 && !g_array_index(guests->wanted, Wanted, 0).glob)
        guests->only = vs_records_domain(&ctl->client, args[0]);
    return g_steal_pointer(&guests);
}

void
vs_history_guests_free(VsHistoryGuests *guests)
{
    g_clear_pointer(&guests->domains, g_ptr_array_unref);
    g_array_unref(guests->wanted);
    g_free(guests->only);
    g_free(guests);
}

const char *
vs_history_guests_only(const VsHistoryGuests *guests)
{
    return guests->only;
}

bool
vs_history_guests_choose(const VsHistoryGuests *guests)
{
    return guests->wanted->len > 0 && !guests->only;
}

static bool
is_of(const Wanted *wanted, json_object *record)
{
    json_object *domain = vs_json_object(record, "domain");
    const char *name = vs_json_string(domain, "name", "");
    const char *uuid = vs_json_string(domain, "uuid", "");

    if (wanted->glob && vs_glob_match(wanted->argument, name))
        return true;
    return g_str_equal(wanted->argument, name) || g_strcmp0(wanted->uuid, uuid) == 0 ||
           g_ascii_strcasecmp(wanted->argument, uuid) == 0;
}

bool
vs_history_guests_want(VsHistoryGuests *guests, json_object *record)
{
    bool any = guests->wanted->len == 0;

    for (unsigned i = 0; i < guests->wanted->len; i++) {
        Wanted *wanted = &g_array_index(guests->wanted, Wanted, i);

        if (!guests->only && !is_of(wanted, record))
            continue;
        wanted->seen = true;
        any = true;
    }
    return any;
}

typedef struct Search {
    const Wanted *wanted;
    unsigned n;
    bool found;
} Search;

static bool
look(json_object *record, void *userdata)
{
    Search *search = userdata;

    search->found = is_of(search->wanted, record);
    return !search->found && ++search->n < MAX_RECORDS;
}

static bool
has_record(const VsHistoryGuests *guests, const Wanted *wanted)
{
    VsRecordQuery query = {.requests = guests->ctl->requests,
                           .uri = guests->ctl->client.uri,
                           .domain = wanted->glob ? NULL : wanted->argument};
    Search search = {.wanted = wanted};

    vs_records_newest_first(&guests->ctl->client, &query, look, &search, NULL);
    return search.found;
}

static bool
matches_any(const VsHistoryGuests *guests, const char *glob)
{
    for (unsigned i = 0; i < guests->domains->len; i++)
        if (vs_glob_match(glob, ((const VsDomainObject *)guests->domains->pdata[i])->name))
            return true;
    return false;
}

/* A domain that has no record has to be there, or it was mistyped. */
static VsExit
complain(const VsHistoryGuests *guests, const Wanted *wanted)
{
    g_autofree char *quoted = vs_text_quoted(wanted->argument), *path = NULL;
    g_autoptr(GError) error = NULL;

    if (wanted->glob ? matches_any(guests, wanted->argument)
                     : (path = vs_client_find_domain(&guests->ctl->client, wanted->argument,
                                                     &error)) != NULL)
        return VS_EXIT_OK;
    if (has_record(guests, wanted) || (guests->ctl->client.reads_file && !wanted->glob))
        return VS_EXIT_OK; /* but none of those that are asked for; or nobody knows who is there */
    if (error)
        return vs_complain_of(NULL, error);
    vs_complain(_("%s: No guest matches %s"), "history", quoted);
    return VS_EXIT_NO_SUCH_DOMAIN;
}

VsExit
vs_history_guests_complain(const VsHistoryGuests *guests)
{
    VsExit status = VS_EXIT_OK;

    for (unsigned i = 0; i < guests->wanted->len; i++) {
        const Wanted *wanted = &g_array_index(guests->wanted, Wanted, i);

        if (!wanted->seen)
            status = vs_exit_worse(status, complain(guests, wanted));
    }
    return status;
}

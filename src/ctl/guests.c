/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/guests.h"

#include <string.h>
#include <unistd.h>

#include "client/objects.h"
#include "client/records.h"
#include "ctl/glob.h"
#include "ctl/output.h"
#include "ctl/terminal.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/similar.h"
#include "util/text.h"
#include "util/uuid.h"
#include "words/complain.h"

/* So many are looked through for who isn't there any more. */
#define MAX_RECORDS 20000

/* What globs are looked up in, and what they come to. */
typedef struct Lookup {
    VsCtl *ctl;
    const VsVerb *verb;
    GPtrArray *domains; /* of VsDomainObject */
    GPtrArray *words;   /* of char *: the guests that are meant */
    VsExit status;
} Lookup;

static bool
is_wanted(const VsVerb *verb, const VsDomainObject *domain)
{
    switch (verb->among) {
    case VS_AMONG_RUNNING:
        return domain->id >= 0;
    case VS_AMONG_STOPPING:
        return !g_str_equal(domain->stop, VS_BUS_NO_OBJECT);
    case VS_AMONG_ALL:
    case VS_AMONG_RECORDED:
        break;
    }
    return true;
}

static bool
is_known(const GPtrArray *domains, const char *name)
{
    for (unsigned i = 0; i < domains->len; i++)
        if (g_str_equal(((const VsDomainObject *)domains->pdata[i])->name, name))
            return true;
    return false;
}

/* Whether virtstopd would take @domain's name for somebody else. */
static bool
is_ambiguous(const GPtrArray *domains, const VsDomainObject *domain)
{
    unsigned n = 0;

    for (unsigned i = 0; i < domains->len; i++)
        n += g_str_equal(((const VsDomainObject *)domains->pdata[i])->name, domain->name);
    return n > 1 || vs_uuid_is_valid(domain->name) ||
           strspn(domain->name, "0123456789") == strlen(domain->name);
}

/* Whoever is meant by two words is meant once. */
static void
add(Lookup *lookup, const char *word)
{
    if (!g_ptr_array_find_with_equal_func(lookup->words, word, g_str_equal, NULL))
        g_ptr_array_add(lookup->words, g_strdup(word));
}

/* @only: those that the verb is about. Returns how many there are. */
static unsigned
add_matching(Lookup *lookup, const char *glob, bool only)
{
    unsigned n = 0;

    for (unsigned i = 0; i < lookup->domains->len; i++) {
        const VsDomainObject *domain = lookup->domains->pdata[i];

        if (!vs_glob_match(glob, domain->name) || (only && !is_wanted(lookup->verb, domain)))
            continue;
        add(lookup, is_ambiguous(lookup->domains, domain) ? domain->uuid : domain->name);
        n++;
    }
    return n;
}

typedef struct Gone {
    Lookup *lookup;
    const char *glob;
    unsigned n_seen, n_added;
} Gone;

/* Who is there was added already. */
static bool
add_recorded(json_object *record, void *userdata)
{
    Gone *gone = userdata;
    const char *name = vs_json_string(vs_json_object(record, "domain"), "name", "");

    if (vs_glob_match(gone->glob, name) && !is_known(gone->lookup->domains, name)) {
        add(gone->lookup, name);
        gone->n_added++;
    }
    return ++gone->n_seen < MAX_RECORDS;
}

/* Of those of the newest records that aren't there any more. */
static unsigned
add_gone(Lookup *lookup, const char *glob)
{
    VsClient *client = &lookup->ctl->client;
    VsRecordQuery query = {.uri = client->uri};
    Gone gone = {.lookup = lookup, .glob = glob};

    if (lookup->verb->among == VS_AMONG_RECORDED)
        vs_records_newest_first(client, &query, add_recorded, &gone, NULL);
    return gone.n_added;
}

static bool
matches_any(const Lookup *lookup, const char *glob)
{
    for (unsigned i = 0; i < lookup->domains->len; i++)
        if (vs_glob_match(glob, ((const VsDomainObject *)lookup->domains->pdata[i])->name))
            return true;
    return false;
}

/* Guests there are, but none that the verb is about. */
static void
add_unwanted(Lookup *lookup, const char *glob)
{
    g_autofree char *quoted = vs_text_quoted(glob);

    if (lookup->verb->among == VS_AMONG_RUNNING) {
        add_matching(lookup, glob, false); /* they are off: that is what was wanted */
        return;
    }
    vs_complain(_("%s: No stop of a guest that %s means is in flight"), lookup->verb->name, quoted);
    lookup->status = vs_exit_worse(lookup->status, VS_EXIT_FAILED);
}

static void
expand(Lookup *lookup, const char *glob)
{
    g_autofree char *quoted = vs_text_quoted(glob), *path = NULL;

    if (is_known(lookup->domains, glob)) {
        add(lookup, glob); /* it is called so */
        return;
    }
    if (add_matching(lookup, glob, true) + add_gone(lookup, glob) > 0)
        return;
    if (matches_any(lookup, glob)) {
        add_unwanted(lookup, glob);
        return;
    }
    if (lookup->ctl->client.bus)
        path = vs_client_find_domain(&lookup->ctl->client, glob, NULL);
    if (path) {
        add(lookup, glob);
        return;
    }
    vs_complain(_("%s: No guest matches %s"), lookup->verb->name, quoted);
    lookup->status = vs_exit_worse(lookup->status, VS_EXIT_NO_SUCH_DOMAIN);
}

/* How many of the arguments name guests. */
static int
count_guests(const VsCtl *ctl, const VsVerb *verb, int n_args)
{
    switch (verb->guests) {
    case VS_GUESTS_ALL:
        return n_args;
    case VS_GUESTS_FIRST:
        return ctl->all || ctl->stop ? 0 : MIN(n_args, 1);
    case VS_GUESTS_NONE:
        break;
    }
    return 0;
}

static void
print_heading(const VsCtl *ctl, const char *guest, bool first)
{
    g_autofree char *name = vs_text_printable(guest);

    if (ctl->json != VS_JSON_OFF)
        return;
    vs_output_open_pager(ctl);
    vs_output_printf("%s%s%s%s\n", first ? "" : "\n", vs_terminal_colour(VS_COLOUR_BOLD), name,
                     vs_terminal_plain());
}

/* The first argument stands for several: the verb is run for one after the other. */
static VsExit
run_each(const Lookup *lookup, int n_args, char **args)
{
    g_autofree char **own = g_new0(char *, (gsize)n_args + 1);
    VsExit status = VS_EXIT_OK;

    memcpy(own, args, (size_t)n_args * sizeof *own);
    for (unsigned i = 0; i < lookup->words->len; i++) {
        own[0] = lookup->words->pdata[i];
        if (lookup->words->len > 1 && lookup->verb->headed)
            print_heading(lookup->ctl, own[0], i == 0);
        status = vs_exit_worse(status, lookup->verb->run(lookup->ctl, n_args, own));
    }
    return status;
}

static VsExit
run_expanded(Lookup *lookup, int n_args, char **args)
{
    int n_guests = count_guests(lookup->ctl, lookup->verb, n_args);
    unsigned n;

    for (int i = 0; i < n_guests; i++) {
        if (vs_glob_is(args[i]))
            expand(lookup, args[i]);
        else
            add(lookup, args[i]);
    }
    n = lookup->words->len;
    if (n == 0)
        return lookup->status;
    if (lookup->verb->guests == VS_GUESTS_FIRST)
        return vs_exit_worse(lookup->status, run_each(lookup, n_args, args));
    g_ptr_array_add(lookup->words, NULL);
    return vs_exit_worse(lookup->status,
                         lookup->verb->run(lookup->ctl, (int)n, (char **)lookup->words->pdata));
}

static VsExit
look_up(VsCtl *ctl, const VsVerb *verb, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) domains = vs_glob_domains(ctl, verb->from_file, &error);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    Lookup lookup = {ctl, verb, domains, words, VS_EXIT_OK};

    return domains ? run_expanded(&lookup, n_args, args) : vs_complain_of(NULL, error);
}

/* A shell makes file names of a glob, if it can. */
static bool
hint_at_file(const VsVerb *verb, const char *argument)
{
    g_autofree char *quoted = vs_text_quoted(argument);

    if (access(argument, F_OK) < 0)
        return false;
    vs_complain(_("%s is a file here: the shell makes such names of a glob that isn't in quotes. "
                  "Say virtstopctl %s 'web-*'"),
                quoted, verb->name);
    return true;
}

static void
hint_at_name(const GPtrArray *domains, const char *argument)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *quoted = NULL;
    const char *meant;

    for (unsigned i = 0; i < domains->len; i++)
        g_ptr_array_add(names, ((const VsDomainObject *)domains->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    meant = vs_similar_find(argument, (const char *const *)names->pdata);
    quoted = vs_text_quoted(meant);
    if (meant)
        vs_complain(_("Did you mean %s?"), quoted);
}

/* There is no such guest as one of @arguments: says what else may have been meant. */
static void
hint(VsCtl *ctl, const VsVerb *verb, int n_arguments, char *const *arguments)
{
    g_autoptr(GPtrArray) domains = vs_glob_domains(ctl, verb->from_file, NULL);

    for (int i = 0; domains && i < n_arguments; i++) {
        if (vs_glob_is(arguments[i]) || is_known(domains, arguments[i]))
            continue;
        if (hint_at_file(verb, arguments[i]))
            return;
        /* Of several, one may be gone that was there, and was stopped. */
        if (n_arguments == 1)
            hint_at_name(domains, arguments[i]);
    }
}

VsExit
vs_guests_run(VsCtl *ctl, const VsVerb *verb, int n_args, char **args)
{
    int n_guests = count_guests(ctl, verb, n_args);
    bool globs = false;
    VsExit status;

    for (int i = 0; i < n_guests; i++)
        globs |= vs_glob_is(args[i]);
    status = globs ? look_up(ctl, verb, n_args, args) : verb->run(ctl, n_args, args);
    if (status == VS_EXIT_NO_SUCH_DOMAIN && verb->needs_bus)
        hint(ctl, verb, verb->guests == VS_GUESTS_NONE ? n_args : n_guests, args);
    return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/records.h"
#include "ctl/output.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/wallclock.h"
#include "words/complain.h"
#include "words/story-request.h"
#include "words/when.h"

static const VsColumn columns[] = {
    {N_("TIME"), false, 0},  {N_("DOMAIN"), false, 8},     {N_("CAUSE"), false, 0},
    {N_("CLEAN"), false, 0}, {N_("CONFIDENCE"), false, 0}, {N_("OUTCOME"), false, 0},
    {N_("BY"), false, 8},    {N_("TOOK"), true, 0},
};

/* "python3[4711]" */
static char *
describe_process(json_object *process)
{
    const char *comm = vs_json_string(process, "comm", "");
    int64_t pid;

    if (vs_json_int(process, "pid", &pid))
        return g_strdup_printf("%s[%d]", comm, (int)pid);
    return g_strdup(comm);
}

/* Who is behind it: the process that sent the signal, or who asked virtstopd. */
static char *
describe_by(const VsCtl *ctl, json_object *record)
{
    json_object *killer = vs_json_object(record, "killer");
    json_object *by = vs_json_object(vs_json_object(record, "request"), "by");
    g_autofree char *process = NULL, *user = NULL;
    int64_t uid;

    if (killer)
        return describe_process(killer);
    if (!by)
        return g_strdup("");
    process = describe_process(by);
    if (!vs_json_int(by, "uid", &uid) || uid < 0 || uid > UINT32_MAX)
        return g_steal_pointer(&process);
    user = vs_story_user(uid, !ctl->client.host);
    return g_strdup_printf("%s%s%s", user, *process ? ", " : "", process);
}

static void
add_clean(VsTable *table, json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        vs_table_add(table, "?", VS_COLOUR_YELLOW);
    else if (json_object_get_boolean(clean))
        vs_table_add(table, _("yes"), VS_COLOUR_GREEN);
    else
        vs_table_add(table, _("no"), VS_COLOUR_RED);
}

static void
add_record(VsTable *table, const VsCtl *ctl, json_object *record)
{
    const char *text = vs_json_string(record, "time", "");
    const char *confidence = vs_json_string(record, "confidence", "");
    const char *outcome = vs_json_string(vs_json_object(record, "request"), "outcome", "");
    g_autofree char *time = NULL, *span = NULL, *by = describe_by(ctl, record);
    int64_t real, took_ms;

    if (vs_wallclock_parse(text, &real, NULL))
        time = vs_when_time(real);
    if (vs_json_int(record, "took_ms", &took_ms) && took_ms > 0)
        span = vs_when_span(took_ms * VS_USEC_PER_MSEC);
    vs_table_add(table, time ? time : text, VS_COLOUR_NONE);
    vs_table_add(table, vs_json_string(vs_json_object(record, "domain"), "name", ""),
                 VS_COLOUR_BOLD);
    vs_table_add(table, vs_json_string(record, "cause", ""), VS_COLOUR_NONE);
    add_clean(table, record);
    vs_table_add(table, confidence,
                 g_str_equal(confidence, "certain") ? VS_COLOUR_NONE : VS_COLOUR_YELLOW);
    vs_table_add(table, outcome,
                 g_str_equal(outcome, "unknown") ? VS_COLOUR_YELLOW : VS_COLOUR_NONE);
    vs_table_add(table, by, VS_COLOUR_NONE);
    vs_table_add(table, span, VS_COLOUR_NONE);
}

typedef struct Show {
    VsCtl *ctl;
    VsTable *table;
    unsigned n; /* so far */
} Show;

static bool
show_record(json_object *record, void *userdata)
{
    Show *show = userdata;

    if (show->n++ == 0)
        vs_output_open_pager(show->ctl);
    if (show->ctl->json != VS_JSON_OFF)
        vs_output_json(show->ctl, record);
    else
        add_record(show->table, show->ctl, record);
    return true;
}

static void
print_table(const Show *show)
{
    g_autofree char *text = NULL;

    if (show->n == 0) {
        if (!show->ctl->no_legend)
            vs_output_printf("%s\n", _("No stop is recorded."));
        return;
    }
    text = vs_table_format(show->table, vs_terminal_columns(), !show->ctl->no_legend);
    vs_output_text(text);
}

/* A domain that has no record has to be there, or it was mistyped. */
static bool
is_known(VsCtl *ctl, const char *domain, GError **error)
{
    g_autofree char *path = domain ? vs_client_find_domain(&ctl->client, domain, error) : NULL;

    return !domain || path;
}

VsExit
vs_verb_history(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *domain = vs_records_domain(&ctl->client, args[0]);
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    VsRecordQuery query = {.uri = ctl->client.uri, .domain = domain, .limit = ctl->limit};
    Show show = {.ctl = ctl, .table = table};

    if (!vs_records_oldest_first(&ctl->client, &query, show_record, &show, &error) ||
        (show.n == 0 && !is_known(ctl, args[0], &error)))
        return vs_complain_of(NULL, error);
    if (ctl->json == VS_JSON_OFF)
        print_table(&show);
    return VS_EXIT_OK;
}

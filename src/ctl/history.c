/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/records.h"
#include "ctl/output.h"
#include "ctl/record-row.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "words/complain.h"

static const VsColumn columns[] = {
    {N_("TIME"), false, 0},  {N_("DOMAIN"), false, 8},     {N_("CAUSE"), false, 0},
    {N_("CLEAN"), false, 0}, {N_("CONFIDENCE"), false, 0}, {N_("OUTCOME"), false, 0},
    {N_("BY"), false, 8},    {N_("TOOK"), true, 0},
};

static const VsColumn request_columns[] = {
    {N_("TIME"), false, 0}, {N_("DOMAIN"), false, 8},   {N_("WHAT"), false, 0},
    {N_("BY"), false, 8},   {N_("ASKED BY"), false, 8}, {N_("REASON"), false, 8},
};

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
    else if (show->ctl->requests)
        vs_record_row_request(show->table, record, !show->ctl->client.host);
    else
        vs_record_row_history(show->table, record, !show->ctl->client.host);
    return true;
}

static void
print_table(const Show *show)
{
    g_autofree char *text = NULL;

    if (show->n == 0) {
        if (!show->ctl->no_legend)
            vs_output_printf("%s\n", show->ctl->requests ? _("No such request is recorded.")
                                                         : _("No stop is recorded."));
        return;
    }
    text = vs_table_format(show->table, vs_terminal_columns(), !show->ctl->no_legend);
    vs_output_text(text);
}

/* A domain that has no record has to be there, or it was mistyped. */
static bool
is_known(VsCtl *ctl, const char *domain, GError **error)
{
    g_autofree char *path = domain && !ctl->client.reads_file
                                ? vs_client_find_domain(&ctl->client, domain, error)
                                : NULL;

    return !domain || ctl->client.reads_file || path;
}

VsExit
vs_verb_history(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *domain = vs_records_domain(&ctl->client, args[0]);
    g_autoptr(VsTable) table = ctl->requests
                                   ? vs_table_new(request_columns, G_N_ELEMENTS(request_columns))
                                   : vs_table_new(columns, G_N_ELEMENTS(columns));
    VsRecordQuery query = {
        .requests = ctl->requests, .uri = ctl->client.uri, .domain = domain, .limit = ctl->limit};
    Show show = {.ctl = ctl, .table = table};

    if (!vs_records_oldest_first(&ctl->client, &query, show_record, &show, &error) ||
        (show.n == 0 && !is_known(ctl, args[0], &error)))
        return vs_complain_of(NULL, error);
    if (ctl->json == VS_JSON_OFF)
        print_table(&show);
    return VS_EXIT_OK;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop-head.h"
#include "ctl/host-stop.h"
#include "ctl/output.h"
#include "ctl/record-row.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "words/complain.h"

static const VsColumn columns[] = {
    {N_("TOOK"), true, 0, 8},     {N_("DOMAIN"), false, 8, 9},  {N_("CAUSE"), false, 0, 5},
    {N_("OUTCOME"), false, 0, 7}, {N_("WAITED"), false, 12, 6},
};

static void
print_head(const VsCtl *ctl, const GPtrArray *records)
{
    g_autofree char *text = NULL;
    VsHostStopHead head;

    if (ctl->json != VS_JSON_OFF || ctl->no_legend)
        return;
    vs_host_stop_head_read(&head, records);
    text = vs_host_stop_head_tell(&head, ctl);
    vs_output_printf("%s\n", text);
}

static bool
anybody_waited(const GPtrArray *records)
{
    for (unsigned i = 0; i < records->len; i++)
        if (vs_json_string(vs_json_object(records->pdata[i], "request"), "waited_for", NULL))
            return true;
    return false;
}

static void
print_table(const VsCtl *ctl, const GPtrArray *records)
{
    bool waits = anybody_waited(records);
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns) - !waits);
    g_autofree char *text = NULL;

    for (unsigned i = 0; i < records->len; i++)
        vs_record_row_blame(table, records->pdata[i], waits);
    text = vs_table_format(table, vs_terminal_columns(), !ctl->no_legend);
    vs_output_text(text);
}

VsExit
vs_verb_blame(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = vs_host_stop_get(ctl, &error);

    if (!records)
        return vs_complain_of(NULL, error);
    vs_output_open_pager(ctl);
    print_head(ctl, records);
    g_ptr_array_sort(records, vs_record_row_compare_slowness);
    if (ctl->json == VS_JSON_OFF)
        print_table(ctl, records);
    else
        for (unsigned i = 0; i < records->len; i++)
            vs_output_json(ctl, records->pdata[i]);
    return VS_EXIT_OK;
}

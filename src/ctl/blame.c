/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/host-stop.h"
#include "ctl/output.h"
#include "ctl/record-row.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "words/complain.h"

static const VsColumn columns[] = {
    {N_("TOOK"), true, 0},
    {N_("DOMAIN"), false, 8},
    {N_("CAUSE"), false, 0},
    {N_("OUTCOME"), false, 0},
};

VsExit
vs_verb_blame(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = vs_host_stop_get(ctl, &error);
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    g_autofree char *text = NULL;

    if (!records)
        return vs_complain_of(NULL, error);
    vs_output_open_pager(ctl);
    g_ptr_array_sort(records, vs_record_row_compare_slowness);
    for (unsigned i = 0; i < records->len; i++) {
        if (ctl->json != VS_JSON_OFF)
            vs_output_json(ctl, g_ptr_array_index(records, i));
        else
            vs_record_row_blame(table, g_ptr_array_index(records, i));
    }
    if (ctl->json != VS_JSON_OFF)
        return VS_EXIT_OK;
    text = vs_table_format(table, vs_terminal_columns(), !ctl->no_legend);
    vs_output_text(text);
    return VS_EXIT_OK;
}

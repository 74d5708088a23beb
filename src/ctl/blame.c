/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/host-stop.h"
#include "ctl/output.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/span.h"
#include "words/complain.h"
#include "words/when.h"

static const VsColumn columns[] = {
    {N_("TOOK"), true, 0},
    {N_("DOMAIN"), false, 8},
    {N_("CAUSE"), false, 0},
    {N_("OUTCOME"), false, 0},
};

static int64_t
took(json_object *record)
{
    int64_t took_ms = 0;

    vs_json_int(record, "took_ms", &took_ms);
    return CLAMP(took_ms, 0, INT32_MAX);
}

static const char *
name_of(json_object *record)
{
    return vs_json_string(vs_json_object(record, "domain"), "name", "");
}

static int
compare_slowness(const void *a, const void *b)
{
    json_object *one = *(json_object *const *)a, *other = *(json_object *const *)b;
    int64_t difference = took(other) - took(one);

    if (difference != 0)
        return difference < 0 ? -1 : 1;
    return strcmp(name_of(one), name_of(other));
}

static VsColour
colour_of(json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        return VS_COLOUR_YELLOW;
    return json_object_get_boolean(clean) ? VS_COLOUR_GREEN : VS_COLOUR_RED;
}

static void
add_record(VsTable *table, json_object *record)
{
    g_autofree char *span = vs_when_span(took(record) * VS_USEC_PER_MSEC);
    VsColour colour = colour_of(record);

    vs_table_add(table, span, VS_COLOUR_NONE);
    vs_table_add(table, name_of(record), VS_COLOUR_BOLD);
    vs_table_add(table, vs_json_string(record, "cause", ""), colour);
    vs_table_add(table, vs_json_string(vs_json_object(record, "request"), "outcome", ""), colour);
}

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
    g_ptr_array_sort(records, compare_slowness);
    for (unsigned i = 0; i < records->len; i++) {
        if (ctl->json != VS_JSON_OFF)
            vs_output_json(ctl, g_ptr_array_index(records, i));
        else
            add_record(table, g_ptr_array_index(records, i));
    }
    if (ctl->json != VS_JSON_OFF)
        return VS_EXIT_OK;
    text = vs_table_format(table, vs_terminal_columns(), !ctl->no_legend);
    vs_output_text(text);
    return VS_EXIT_OK;
}

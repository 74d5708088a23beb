/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/output.h"
#include "ctl/policy-view.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

static void
set_words(json_object *object, const char *key, char *const *words)
{
    json_object *array = words ? json_object_new_array() : NULL;

    for (; words && *words; words++)
        json_object_array_add(array, json_object_new_string(*words));
    vs_json_set(object, key, array);
}

static json_object *
row_json(const VsPolicyRow *row)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "key", row->key);
    vs_json_set_string(object, "value", row->value);
    vs_json_set_string(object, "origin", row->origin);
    vs_json_set_string(object, "where", *row->where ? row->where : NULL);
    return object;
}

static void
print_json(const VsCtl *ctl, const VsPolicyView *view)
{
    g_autoptr(json_object) object = json_object_new_object();
    json_object *rows = json_object_new_array();

    for (unsigned i = 0; i < view->rows->len; i++)
        json_object_array_add(rows, row_json(view->rows->pdata[i]));
    vs_json_set(object, "policy", rows);
    vs_json_set_string(object, "title", view->title);
    set_words(object, "tags", view->tags);
    set_words(object, "metadata", view->metadata);
    vs_json_set_string(object, "error", view->error);
    vs_json_set_bool(object, "refused", view->refused);
    vs_json_set_string(object, "unknown", view->unknown);
    vs_output_json(ctl, object);
}

/* As a file would say it. */
static void
print_plain(const VsPolicyView *view)
{
    for (unsigned i = 0; i < view->rows->len; i++) {
        const VsPolicyRow *row = view->rows->pdata[i];
        g_autofree char *value = vs_text_printable(row->value);

        vs_output_printf("%s=", row->key);
        vs_output_bytes(value);
        vs_output_bytes("\n");
    }
}

static void
print_explained(const VsCtl *ctl, const VsPolicyView *view)
{
    static const VsColumn columns[] = {{N_("KEY")}, {N_("VALUE")}, {N_("FROM")}};
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    g_autofree char *text = NULL;

    for (unsigned i = 0; i < view->rows->len; i++) {
        const VsPolicyRow *row = view->rows->pdata[i];
        g_autofree char *origin = vs_policy_row_origin(row);

        vs_table_add(table, row->key, VS_COLOUR_NONE);
        vs_table_add(table, row->value, VS_COLOUR_NONE);
        vs_table_add(table, origin, VS_COLOUR_NONE);
    }
    text = vs_table_format(table, 0, !ctl->no_legend);
    vs_output_text(text);
}

VsExit
vs_verb_show_policy(VsCtl *ctl, int n_args, char **args)
{
    g_auto(VsPolicyView) view = {0};
    g_autoptr(GError) error = NULL;

    if (!vs_policy_get(&ctl->client, args[0], &view, &error))
        return vs_complain_of(args[0], error);
    vs_policy_view_complain(&view, args[0]);
    vs_output_open_pager(ctl);
    if (ctl->json != VS_JSON_OFF)
        print_json(ctl, &view);
    else if (ctl->explain)
        print_explained(ctl, &view);
    else
        print_plain(&view);
    return VS_EXIT_OK;
}

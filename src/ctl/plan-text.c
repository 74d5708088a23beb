/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/plan-text.h"

#include "ctl/table.h"
#include "ctl/when.h"
#include "util/i18n.h"
#include "util/span.h"

static const VsColumn columns[] = {
    {"#", true, 0},           {N_("DOMAIN"), false, 8}, {N_("WAITS FOR"), false, 8},
    {N_("START"), true, 0},   {N_("END"), true, 0},     {N_("AT MOST"), true, 0},
    {N_("FORCED"), false, 0},
};

/* Every number of milliseconds that is no time of a host's going down: a ladder that waits for
 * ever. */
#define NO_LIMIT_MS INT32_MAX

static char *
format_ms(bool known, int64_t ms)
{
    if (!known || ms < 0 || ms >= NO_LIMIT_MS)
        return g_strdup(_("no limit"));
    return ms == 0 ? g_strdup("0") : vs_when_span(ms * VS_USEC_PER_MSEC);
}

char *
vs_plan_span(json_object *object, const char *key)
{
    int64_t ms = 0;
    bool known = vs_json_int(object, key, &ms);

    return format_ms(known, ms);
}

char *
vs_plan_summarise(json_object *plan)
{
    json_object *guests = vs_json_array(plan, "guests");
    g_autofree char *total = vs_plan_span(plan, "total_ms");
    g_autofree char *worst = vs_plan_span(plan, "worst_ms");

    return g_strdup_printf(
        _("Guests: %u. All of them should be off after %s; at most it takes %s."),
        guests ? (unsigned)json_object_array_length(guests) : 0, total, worst);
}

static void
add_guest(VsTable *table, unsigned number, json_object *guest)
{
    int64_t start = 0, took = 0;
    bool known = vs_json_int(guest, "start_ms", &start) && vs_json_int(guest, "took_ms", &took) &&
                 start >= 0 && start < NO_LIMIT_MS && took >= 0 && took < NO_LIMIT_MS;
    bool forced = vs_json_bool(guest, "forced", false);
    g_autofree char *place = g_strdup_printf("%u", number),
                    *worst = vs_plan_span(guest, "worst_ms");
    g_autofree char *begin = vs_plan_span(guest, "start_ms"),
                    *end = format_ms(known, known ? start + took : 0);

    vs_table_add(table, place, VS_COLOUR_NONE);
    vs_table_add(table, vs_json_string(guest, "name", ""), VS_COLOUR_BOLD);
    vs_table_add(table, vs_json_string(guest, "waits_for", ""), VS_COLOUR_NONE);
    vs_table_add(table, begin, VS_COLOUR_NONE);
    vs_table_add(table, end, VS_COLOUR_NONE);
    vs_table_add(table, worst, VS_COLOUR_NONE);
    vs_table_add(table, forced ? _("yes") : _("no"), forced ? VS_COLOUR_RED : VS_COLOUR_GREEN);
}

char *
vs_plan_format(json_object *plan, size_t width, bool legend)
{
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    json_object *guests = vs_json_array(plan, "guests");
    g_autofree char *summary = vs_plan_summarise(plan), *text = NULL;

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++)
        add_guest(table, i + 1, json_object_array_get_idx(guests, i));
    text = vs_table_format(table, width, legend);
    if (!legend)
        return g_steal_pointer(&text);
    return g_strdup_printf("%s\n%s\n", text, summary);
}

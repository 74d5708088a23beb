/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/plan-text.h"

#include "ctl/table.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/joints.h"
#include "words/when.h"

static const VsColumn columns[] = {
    {"#", true, 0, 2},           {N_("DOMAIN"), false, 8, 9},  {N_("WAITS FOR"), false, 8, 3},
    {N_("START"), true, 0, 4},   {N_("END"), true, 0, 7},      {N_("SLOWEST"), true, 0, 5},
    {N_("AT MOST"), true, 0, 6}, {N_("OUTCOME"), false, 0, 8},
};

/* In the words of a plan, where those of a record don't say it. */
static const struct {
    const char *outcome;
    const char *text;
    VsColour colour;
} outcomes[] = {
    {"clean", "clean", VS_COLOUR_GREEN},
    {"forced", "forced", VS_COLOUR_RED},
    {"unknown", N_("unknown"), VS_COLOUR_YELLOW},
    {"timed-out", N_("left running"), VS_COLOUR_YELLOW},
    {"in-flight", N_("no end"), VS_COLOUR_YELLOW},
};

/* Every number of milliseconds that is no time of a host's going down: a ladder that waits for
 * ever. */
#define NO_LIMIT_MS INT32_MAX

/* So many guests are named that a budget is too short for. */
#define MAX_CUT 8

static char *
format_ms(bool known, int64_t ms)
{
    if (!known || ms < 0 || ms >= NO_LIMIT_MS)
        return g_strdup(_("no limit"));
    if (ms >= 59950)
        ms = (ms + 500) / 1000 * 1000; /* the last moment of two minutes is two minutes */
    return ms == 0 ? g_strdup("0") : vs_span_say(ms * VS_USEC_PER_MSEC);
}

char *
vs_plan_span(json_object *object, const char *key)
{
    int64_t ms = 0;
    bool known = vs_json_int(object, key, &ms);

    return format_ms(known, ms);
}

const char *
vs_plan_outcome(json_object *guest, const char *key, VsColour *ret_colour)
{
    const char *outcome = vs_json_string(guest, key, "");

    for (unsigned i = 0; i < G_N_ELEMENTS(outcomes); i++)
        if (g_str_equal(outcomes[i].outcome, outcome)) {
            *ret_colour = outcomes[i].colour;
            return _(outcomes[i].text);
        }
    *ret_colour = VS_COLOUR_RED;
    return outcome;
}

static unsigned
count(json_object *guests, const char *key, const char *outcome)
{
    unsigned n = 0;

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++)
        n += g_str_equal(outcome, vs_json_string(json_object_array_get_idx(guests, i), key, ""));
    return n;
}

static unsigned
count_unknown(json_object *guests)
{
    unsigned n = 0;

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++) {
        json_object *median = NULL;

        n +=
            json_object_object_get_ex(json_object_array_get_idx(guests, i), "median_ms", &median) &&
            !median;
    }
    return n;
}

/* The time that they may take is a part of the worst case, and of nothing else. */
static char *
tell_hooks(json_object *plan)
{
    g_autofree char *span = vs_plan_span(plan, "hooks_ms");

    return g_strdup_printf(_("Hooks take up to %s of that for each guest."), span);
}

/* ", 2 are forced"; nothing where it is none. */
static void
append_count(GString *text, const char *format, unsigned n)
{
    if (n == 0)
        return;
    g_string_append(text, vs_joint_parts());
    g_string_append_printf(text, format, n);
}

static char *
tell_counts(json_object *guests)
{
    unsigned n = guests ? (unsigned)json_object_array_length(guests) : 0;
    unsigned unknown = count_unknown(guests), forced = count(guests, "outcome", "forced");
    unsigned left = count(guests, "outcome", "timed-out");
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, ngettext("%u guest", "%u guests", n), n);
    append_count(text,
                 ngettext("%u was never seen to go down", "%u were never seen to go down", unknown),
                 unknown);
    append_count(text, ngettext("%u is forced", "%u are forced", forced), forced);
    append_count(text, ngettext("%u is left running", "%u are left running", left), left);
    g_string_append(text, vs_joint_end());
    return g_strdup(text->str);
}

static char *
tell_times(json_object *plan)
{
    g_autofree char *total = vs_plan_span(plan, "total_ms");
    g_autofree char *slowest = vs_plan_span(plan, "slowest_ms");
    g_autofree char *worst = vs_plan_span(plan, "worst_ms");
    unsigned forced = count(vs_json_array(plan, "guests"), "slowest_outcome", "forced");
    g_autoptr(GString) also = g_string_new(NULL);

    append_count(also, ngettext("%u is forced", "%u are forced", forced), forced);
    /* TRANSLATORS: the third %s is empty, or ", 2 are forced". */
    return g_strdup_printf(_("Expected time: %s. As slow as each ever was: %s%s. At most, if none "
                             "obeys: %s."),
                           total, slowest, also->str, worst);
}

/* What is expected is then only how long it may take. */
static char *
tell_unknown(json_object *plan)
{
    g_autofree char *total = vs_plan_span(plan, "total_ms");
    g_autofree char *soonest = vs_plan_span(plan, "soonest_ms");
    unsigned n = count(vs_json_array(plan, "guests"), "outcome", "unknown");

    return g_strdup_printf(
        ngettext("How it comes out is not known of %u guest: it takes between %s and %s, as it "
                 "obeys or doesn't.",
                 "How it comes out is not known of %u guests: it takes between %s and %s, as they "
                 "obey or don't.",
                 n),
        n, soonest, total);
}

/* "slow (would be off after 31 s), db", the first of them. */
static char *
list_cut(json_object *guests)
{
    g_autoptr(GString) names = g_string_new(NULL);
    unsigned n = 0;

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++) {
        json_object *guest = json_object_array_get_idx(guests, i);
        g_autofree char *needs = vs_plan_span(guest, "needs_ms"), *name = NULL;
        int64_t ms;

        if (!vs_json_bool(guest, "cut_short", false) || n++ >= MAX_CUT)
            continue;
        name = vs_text_printable(vs_json_string(guest, "name", ""));
        g_string_append(names, names->len > 0 ? vs_joint_names() : "");
        if (vs_json_int(guest, "needs_ms", &ms))
            g_string_append_printf(names, _("%s (would be off after %s)"), name, needs);
        else
            g_string_append(names, name);
    }
    if (n > MAX_CUT)
        g_string_append_printf(names, "%s…", vs_joint_names());
    return n > 0 ? g_strdup(names->str) : NULL;
}

static void
add_cut(GPtrArray *sentences, json_object *plan)
{
    g_autofree char *cut = list_cut(vs_json_array(plan, "guests"));
    g_autofree char *budget = vs_plan_span(plan, "budget_ms");
    g_autofree char *needed = vs_plan_span(plan, "needed_ms");
    int64_t ms;

    if (!cut)
        return;
    g_ptr_array_add(sentences,
                    g_strdup_printf(_("The budget of %s is too short for %s."), budget, cut));
    if (vs_json_int(plan, "needed_ms", &ms))
        g_ptr_array_add(sentences, g_strdup_printf(_("A budget of %s would do."), needed));
}

/* Of a budget that is shorter than what destroys may take. */
static void
add_overrun(GPtrArray *sentences, json_object *plan)
{
    g_autofree char *budget = vs_plan_span(plan, "budget_ms");
    g_autofree char *worst = vs_plan_span(plan, "worst_ms");
    int64_t has = 0, takes = 0;

    if (vs_json_int(plan, "budget_ms", &has) && vs_json_int(plan, "worst_ms", &takes) &&
        takes > has && has > 0)
        g_ptr_array_add(
            sentences,
            g_strdup_printf(_("The budget of %s is not kept where destroys are slow: then it takes "
                              "%s."),
                            budget, worst));
}

char *
vs_plan_summarise(json_object *plan, const char *between)
{
    json_object *guests = vs_json_array(plan, "guests");
    g_autoptr(GPtrArray) sentences = g_ptr_array_new_with_free_func(g_free);
    int64_t hooks = 0;

    g_ptr_array_add(sentences, tell_counts(guests));
    g_ptr_array_add(sentences, tell_times(plan));
    if (vs_json_int(plan, "hooks_ms", &hooks) && hooks > 0)
        g_ptr_array_add(sentences, tell_hooks(plan));
    if (count(guests, "outcome", "unknown") > 0)
        g_ptr_array_add(sentences, tell_unknown(plan));
    add_cut(sentences, plan);
    add_overrun(sentences, plan);
    if (count(guests, "outcome", "timed-out") > 0)
        g_ptr_array_add(sentences, g_strdup(_("What is left running is cut off if the host itself "
                                              "goes down.")));
    g_ptr_array_add(sentences, NULL);
    return g_strjoinv(between, (char **)sentences->pdata);
}

/* NULL: its turn never comes. */
static char *
format_start(json_object *guest)
{
    int64_t start;

    return vs_json_int(guest, "start_ms", &start) ? format_ms(true, start) : NULL;
}

char *
vs_plan_end(json_object *guest)
{
    int64_t start = 0, took = 0;
    bool known = vs_json_int(guest, "start_ms", &start) && vs_json_int(guest, "took_ms", &took) &&
                 start >= 0 && start < NO_LIMIT_MS && took >= 0 && took < NO_LIMIT_MS;

    return format_ms(known, known ? start + took : 0);
}

/* "clean (slowest: forced)" */
static char *
format_outcome(json_object *guest, VsColour *ret_colour)
{
    const char *outcome = vs_plan_outcome(guest, "outcome", ret_colour);
    VsColour colour;
    const char *slowest = vs_plan_outcome(guest, "slowest_outcome", &colour);

    if (g_str_equal(slowest, "") || g_str_equal(slowest, outcome))
        return g_strdup(outcome);
    *ret_colour = colour;
    return g_strdup_printf(_("%s (slowest: %s)"), outcome, slowest);
}

static void
add_guest(VsTable *table, unsigned number, json_object *guest)
{
    g_autofree char *place = g_strdup_printf("%u", number);
    g_autofree char *start = format_start(guest), *end = vs_plan_end(guest);
    g_autofree char *slowest = vs_plan_span(guest, "slowest_ms");
    g_autofree char *worst = vs_plan_span(guest, "worst_ms");
    VsColour colour;
    g_autofree char *outcome = format_outcome(guest, &colour);

    vs_table_add(table, place, VS_COLOUR_NONE);
    vs_table_add(table, vs_json_string(guest, "name", ""), VS_COLOUR_BOLD);
    vs_table_add(table, vs_json_string(guest, "waits_for", ""), VS_COLOUR_NONE);
    vs_table_add(table, start, VS_COLOUR_NONE);
    vs_table_add(table, end, VS_COLOUR_NONE);
    vs_table_add(table, slowest, VS_COLOUR_NONE);
    vs_table_add(table, worst, VS_COLOUR_NONE);
    vs_table_add(table, outcome, colour);
}

char *
vs_plan_format(json_object *plan, size_t width, bool legend)
{
    g_autoptr(VsTable) table = vs_table_new(columns, G_N_ELEMENTS(columns));
    json_object *guests = vs_json_array(plan, "guests");
    g_autofree char *summary = vs_plan_summarise(plan, "\n"), *text = NULL;

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++)
        add_guest(table, i + 1, json_object_array_get_idx(guests, i));
    text = vs_table_format(table, width, legend);
    if (!legend)
        return g_steal_pointer(&text);
    return g_strdup_printf("%s\n%s\n", text, summary);
}

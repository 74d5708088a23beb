/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/whole.h"

#include "util/i18n.h"
#include "util/span.h"
#include "words/joints.h"
#include "words/summary.h"
#include "words/waited.h"

/* Who reads on knows where to look for the others. */
#define MAX_NAMED 10

/* Those that it is about, and of them those that are off. */
static void
count(const VsWhole *whole, const GPtrArray *list, unsigned *ret_n, unsigned *ret_off)
{
    const VsHostStopTally *earlier = &whole->earlier;

    *ret_n = *ret_off = earlier->n_clean + earlier->n_cut_off + earlier->n_unknown;
    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = list->pdata[i];

        if (waited->twin)
            continue;
        (*ret_n)++;
        *ret_off += waited->over;
    }
}

/* The time that was there for it when it was asked for, no more exact than anybody said it. */
static int64_t
round_budget(int64_t budget)
{
    if (budget == VS_USEC_INFINITY)
        return budget;
    budget += VS_USEC_PER_SEC / 2;
    return budget - budget % VS_USEC_PER_SEC;
}

static char *
say_budget(const VsWhole *whole)
{
    return vs_span_say(round_budget(whole->budget));
}

static void
append_names(GString *text, const GPtrArray *list)
{
    unsigned n_named = 0, n_more = 0;

    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = list->pdata[i];
        g_autofree char *name = vs_waited_name(waited);

        if (waited->twin || n_named == MAX_NAMED) {
            n_more += !waited->twin;
            continue;
        }
        g_string_append_printf(text, "%s%s", n_named++ > 0 ? vs_joint_names() : vs_joint_list(),
                               name);
    }
    if (n_more > 0)
        g_string_append_printf(text, ngettext(" and %u more", " and %u more", n_more), n_more);
}

char *
vs_whole_begin(const VsWhole *whole, const VsClient *client, const GPtrArray *list, bool names)
{
    GString *text = g_string_new(NULL);
    unsigned n, off;

    count(whole, list, &n, &off);
    g_string_append_printf(text, ngettext("Stopping %u guest", "Stopping %u guests", n), n);
    if (vs_whole_left(whole, client) != VS_USEC_INFINITY) {
        g_autofree char *budget = say_budget(whole);
        g_string_append_printf(text, _(" within %s"), budget);
    }
    if (names)
        append_names(text, list);
    return g_string_free(text, FALSE);
}

char *
vs_whole_progress(const VsWhole *whole, const VsClient *client, const GPtrArray *list)
{
    int64_t left = vs_whole_left(whole, client);
    g_autofree char *guests = NULL, *rest = NULL, *budget = NULL;
    unsigned n, off;

    count(whole, list, &n, &off);
    guests =
        g_strdup_printf(ngettext("%u of %u guest is done", "%u of %u guests are done", n), off, n);
    if (left == VS_USEC_INFINITY)
        return g_steal_pointer(&guests);
    rest = vs_span_say(left - left % VS_USEC_PER_SEC);
    budget = say_budget(whole);
    return g_strdup_printf(_("%s, %s of %s left"), guests, rest, budget);
}

static void
add(VsSummary *summary, const VsWaited *waited)
{
    switch (vs_waited_exit(waited)) {
    case VS_EXIT_OK:
        summary->n_clean++;
        break;
    case VS_EXIT_FORCED:
        summary->n_cut_off++;
        break;
    default:
        if (waited->error || g_strcmp0(waited->outcome, "unknown") == 0)
            summary->n_unknown++;
        else
            summary->n_left++;
    }
}

char *
vs_whole_summary(const VsWhole *whole, const VsClient *client, const GPtrArray *list)
{
    VsSummary summary = {0};
    unsigned n, off;

    count(whole, list, &n, &off);
    if (n == 0 || !whole->path)
        return NULL;
    for (unsigned i = 0; i < list->len; i++) {
        const VsWaited *waited = list->pdata[i];

        if (!waited->twin)
            add(&summary, waited);
    }
    vs_summary_add_tally(&summary, &whole->earlier);
    summary.took = vs_whole_took(whole, client, list);
    summary.budget = round_budget(vs_whole_budget(whole, client, list));
    return vs_summary_tell(&summary);
}

char *
vs_whole_summary_of_last(VsClient *client)
{
    VsHostStopTally tally = {0};
    VsSummary summary;

    vs_host_stop_tally_ask_last(&tally, client);
    if (tally.last == 0)
        return NULL;
    summary = vs_summary_of_tally(&tally);
    return vs_summary_tell(&summary);
}

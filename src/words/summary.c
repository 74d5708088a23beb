/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/summary.h"

#include <glib.h>

#include "util/i18n.h"
#include "util/span.h"

void
vs_summary_add_tally(VsSummary *summary, const VsHostStopTally *tally)
{
    summary->n_clean += tally->n_clean;
    summary->n_cut_off += tally->n_cut_off;
    summary->n_unknown += tally->n_unknown;
}

VsSummary
vs_summary_of_tally(const VsHostStopTally *tally)
{
    VsSummary summary = {
        .took = tally->last - tally->asked,
        .budget = tally->budget > 0 ? tally->budget : VS_USEC_INFINITY,
    };

    vs_summary_add_tally(&summary, tally);
    return summary;
}

static void
append(GString *text, const char *format, unsigned n)
{
    if (n == 0)
        return;
    g_string_append(text, g_str_has_suffix(text->str, ": ") ? "" : ", ");
    g_string_append_printf(text, format, n);
}

static void
append_counts(GString *text, const VsSummary *summary)
{
    unsigned cut = summary->n_cut_off, left = summary->n_left, unknown = summary->n_unknown;
    unsigned n = summary->n_clean + cut + left + unknown;

    g_string_append_printf(text, ngettext("%u guest", "%u guests", n), n);
    if (n == 0)
        return;
    g_string_append(text, ": ");
    append(text, ngettext("%u clean", "%u clean", summary->n_clean), summary->n_clean);
    append(text, ngettext("%u cut off", "%u cut off", cut), cut);
    append(text, ngettext("%u left running", "%u left running", left), left);
    append(text, ngettext("%u nobody knows how", "%u nobody knows how", unknown), unknown);
}

char *
vs_summary_tell(const VsSummary *summary)
{
    g_autofree char *took = vs_span_say(summary->took), *budget = vs_span_say(summary->budget);
    g_autoptr(GString) text = g_string_new(NULL);

    append_counts(text, summary);
    g_string_append(text, "; ");
    if (summary->budget == VS_USEC_INFINITY)
        g_string_append(text, took);
    else
        g_string_append_printf(text, _("%s of %s"), took, budget);
    return g_strdup(text->str);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/summary.h"

#include <glib.h>

#include "util/i18n.h"
#include "util/span.h"
#include "words/joints.h"

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
    g_string_append(text, text->len > 0 ? vs_joint_parts() : "");
    g_string_append_printf(text, format, n);
}

static char *
tell_counts(const VsSummary *summary)
{
    unsigned clean = summary->n_clean, cut = summary->n_cut_off, left = summary->n_left;
    unsigned unknown = summary->n_unknown;
    GString *text = g_string_new(NULL);

    append(text, ngettext("%u clean", "%u clean", clean), clean);
    append(text, ngettext("%u cut off", "%u cut off", cut), cut);
    append(text, ngettext("%u left running", "%u left running", left), left);
    append(text, ngettext("%u of unknown outcome", "%u of unknown outcome", unknown), unknown);
    return g_string_free(text, FALSE);
}

static void
append_counts(GString *text, const VsSummary *summary)
{
    unsigned n = summary->n_clean + summary->n_cut_off + summary->n_left + summary->n_unknown;
    g_autofree char *counts = tell_counts(summary);

    g_string_append_printf(text, ngettext("%u guest", "%u guests", n), n);
    if (n > 0)
        g_string_append_printf(text, "%s%s", vs_joint_list(), counts);
}

char *
vs_summary_tell(const VsSummary *summary)
{
    g_autofree char *took = vs_span_say(summary->took), *budget = vs_span_say(summary->budget);
    g_autoptr(GString) text = g_string_new(NULL);

    append_counts(text, summary);
    g_string_append(text, vs_joint_statements());
    if (summary->budget == VS_USEC_INFINITY)
        g_string_append(text, took);
    else
        g_string_append_printf(text, _("%s of %s"), took, budget);
    return g_strdup(text->str);
}

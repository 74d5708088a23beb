/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/unwritten.h"

#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"

char *
vs_unwritten_sentence(const VsUnwritten *unwritten)
{
    g_autofree char *why = vs_text_printable(unwritten->why);
    g_autofree char *what = vs_text_printable(unwritten->what);

    if (g_str_equal(unwritten->what, "records"))
        return g_strdup_printf(ngettext("%u record is not on disk yet: %s",
                                        "%u records are not on disk yet: %s", unwritten->n),
                               unwritten->n, why);
    if (g_str_equal(unwritten->what, "run-states"))
        return g_strdup_printf(
            ngettext(
                "What a restart of virtstopd needs to know of %u guest is not on disk yet: %s",
                "What a restart of virtstopd needs to know of %u guests is not on disk yet: %s",
                unwritten->n),
            unwritten->n, why);
    if (g_str_equal(unwritten->what, "journal"))
        return g_strdup_printf(ngettext("The journal has not taken %u entry yet: %s",
                                        "The journal has not taken %u entries yet: %s",
                                        unwritten->n),
                               unwritten->n, why);
    return g_strdup_printf(_("Not written yet, %s: %u (%s)"), what, unwritten->n, why);
}

void
vs_unwritten_complain(const GPtrArray *all)
{
    for (unsigned i = 0; all && i < all->len; i++) {
        g_autofree char *sentence = vs_unwritten_sentence(all->pdata[i]);

        vs_complain("%s", sentence);
    }
}

void
vs_unwritten_complain_of_stop(const char *name, const VsStopObject *stop)
{
    g_autofree char *why = vs_text_printable(stop->unkept);

    if (*why)
        vs_complain(_("%s: what was done could not be noted before: %s"), name, why);
}

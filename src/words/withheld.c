/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/withheld.h"

#include "client/records.h"
#include "util/i18n.h"
#include "words/complain.h"

#define ACTION "org.virtstop1.history"

/* TRANSLATORS: of all of these: polkit's name for what isn't allowed. */
static const char *const reasons[VS_N_WITHHOLDINGS] = {
    [VS_WITHHOLDING_DENIED] = N_("polkit says no (its action %s)"),
    [VS_WITHHOLDING_PASSWORD] =
        N_("polkit wants an administrator's password for that (its action %s); root sees all"),
    [VS_WITHHOLDING_NO_POLKIT] = N_("without polkit (its action %s), only root and the user that "
                                    "virtstopd runs as see that"),
    [VS_WITHHOLDING_NO_ANSWER] =
        N_("polkit, which has to say yes (to its action %s), doesn't answer"),
    [VS_WITHHOLDING_FAILED] = N_("polkit, which has to say yes (to its action %s), fails"),
};

void
vs_withheld_note(VsWithholding *all, json_object *record)
{
    VsWithholding withholding = vs_disclosure_withheld(record);

    if (reasons[withholding])
        *all = withholding;
}

VsExit
vs_withheld_complain(VsWithholding withholding)
{
    g_autofree char *why = NULL;

    if (!reasons[withholding])
        return VS_EXIT_OK;
    why = g_strdup_printf(_(reasons[withholding]), ACTION);
    /* TRANSLATORS: why, such as "polkit says no (its action org.virtstop1.history)". */
    vs_complain(_("Who asked, and why, the processes behind it and the evidence are left out: %s."),
                why);
    return VS_EXIT_NOT_AUTHORISED;
}

json_object *
vs_withheld_read(VsClient *client, json_object *open_record, VsWithholding *withholding)
{
    json_object *record;

    if (*withholding != VS_WITHHOLDING_NONE)
        return json_object_get(open_record);
    record = vs_record_whole(client, open_record);
    vs_withheld_note(withholding, record);
    vs_withheld_complain(*withholding);
    return record;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/evidence.h"
#include "ctl/output.h"
#include "ctl/records.h"
#include "ctl/story.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/text.h"

VsExit
vs_verb_why(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = vs_records_get(ctl, args[0], 1, &error);
    g_autofree char *story = NULL, *evidence = NULL;
    json_object *record;

    if (!records)
        return vs_output_fail(NULL, error);
    if (records->len == 0) {
        g_autofree char *name = vs_text_quoted(args[0]);
        vs_output_complain(_("No stop of %s is recorded."), name);
        return VS_EXIT_FAILED;
    }
    record = g_ptr_array_index(records, records->len - 1);
    vs_output_open_pager(ctl);
    if (ctl->json != VS_JSON_OFF) {
        vs_output_json(ctl, record);
        return VS_EXIT_OK;
    }
    story = vs_story_tell(record, !ctl->host);
    evidence = vs_evidence_tell(record);
    vs_output_text(story);
    if (*evidence)
        vs_output_printf("\n%s\n%s", _("Evidence:"), evidence);
    return VS_EXIT_OK;
}

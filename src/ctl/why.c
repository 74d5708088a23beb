/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/records.h"
#include "ctl/evidence.h"
#include "ctl/output.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"
#include "words/story.h"

/* That there is no record: of a domain that isn't there either, it was mistyped. */
static VsExit
complain(VsCtl *ctl, const char *domain, const GError *error)
{
    g_autoptr(GError) unknown = NULL;
    g_autofree char *name = vs_text_quoted(domain);
    g_autofree char *path = error ? NULL : vs_client_find_domain(&ctl->client, domain, &unknown);

    if (!path)
        return vs_complain_of(NULL, error ? error : unknown);
    vs_complain(_("No stop of %s is recorded."), name);
    return VS_EXIT_FAILED;
}

VsExit
vs_verb_why(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *story = NULL, *evidence = NULL,
                    *domain = vs_records_domain(&ctl->client, args[0]);
    VsRecordQuery query = {.uri = ctl->client.uri, .domain = domain};
    g_autoptr(json_object) record = vs_records_last(&ctl->client, &query, &error);

    if (!record)
        return complain(ctl, args[0], error);
    vs_output_open_pager(ctl);
    if (ctl->json != VS_JSON_OFF) {
        vs_output_json(ctl, record);
        return VS_EXIT_OK;
    }
    story = vs_story_tell(record, !ctl->client.host);
    evidence = vs_evidence_tell(record);
    vs_output_text(story);
    if (*evidence)
        vs_output_printf("\n%s\n%s", _("Evidence:"), evidence);
    return VS_EXIT_OK;
}

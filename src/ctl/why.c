/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/objects.h"
#include "client/records.h"
#include "core/domain.h"
#include "ctl/evidence.h"
#include "ctl/output.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"
#include "words/complain.h"
#include "words/story-attempt.h"
#include "words/story.h"
#include "words/withheld.h"

/* Of the requests beside the record. */
#define MAX_ATTEMPTS  10
#define ATTEMPTS_SPAN (INT64_C(24) * 3600 * VS_USEC_PER_SEC)

typedef struct Attempts {
    VsCtl *ctl;
    unsigned n;
    bool is_first; /* nothing stands above them */
    VsWithholding *withholding;
} Attempts;

/* That there is no record: of a domain that isn't there either, it was mistyped. */
static VsExit
complain(VsCtl *ctl, const char *domain, const GError *error)
{
    g_autoptr(GError) unknown = NULL;
    g_autofree char *name = vs_text_quoted(domain);
    bool from_file = ctl->client.reads_file; /* then nobody knows whether it is there */
    g_autofree char *path =
        error || from_file ? NULL : vs_client_find_domain(&ctl->client, domain, &unknown);

    if (error || (!path && !from_file))
        return vs_complain_of(NULL, error ? error : unknown);
    vs_complain(_("No stop of %s is recorded."), name);
    return VS_EXIT_FAILED;
}

static bool
is_active(const char *state)
{
    for (VsDomainState i = 0; i <= VS_STATE_PMSUSPENDED; i++)
        if (g_strcmp0(vs_domain_state_name(i), state) == 0)
            return vs_domain_state_is_active(i);
    return false;
}

/* Whoever asks why it is off must not take an older stop for the one that is meant. */
static void
tell_that_it_runs(VsCtl *ctl, const char *typed)
{
    g_autofree char *path = vs_client_find_domain(&ctl->client, typed, NULL);
    g_autoptr(sd_bus_message) reply =
        path ? vs_client_get_all(&ctl->client, path, VS_BUS_DOMAIN, NULL) : NULL;
    g_auto(VsDomainObject) domain = {0};

    if (reply && vs_domain_object_read(&domain, reply) >= 0 && is_active(domain.state))
        vs_output_printf("%s\n\n", _("It runs again now. Its last stop that is recorded:"));
}

static bool
show_attempt(json_object *line, void *userdata)
{
    Attempts *attempts = userdata;
    g_autofree char *story = vs_story_attempt(line, !attempts->ctl->client.host);

    vs_withheld_note(attempts->withholding, line);
    if (attempts->n++ == 0)
        vs_output_printf("%s%s\n", attempts->is_first ? "" : "\n",
                         _("Requests that did not end it, and who changed one:"));
    vs_output_text(story);
    return true;
}

/* Of the day before @record, or of the last day, and since. */
static void
show_attempts(VsCtl *ctl, const char *domain, json_object *record, VsWithholding *withholding)
{
    g_autoptr(GError) error = NULL;
    Attempts attempts = {.ctl = ctl, .withholding = withholding, .is_first = !record};
    VsRecordQuery query = {
        .requests = true, .uri = ctl->client.uri, .domain = domain, .limit = MAX_ATTEMPTS};
    int64_t time;

    if (!record || !vs_wallclock_parse(vs_json_string(record, "time", ""), &time, NULL))
        time = g_get_real_time();
    query.since = MAX(time - ATTEMPTS_SPAN, 1);
    /* An older virtstopd doesn't know of them. */
    if (!vs_records_oldest_first(&ctl->client, &query, show_attempt, &attempts, &error))
        g_debug("%s", error->message);
}

VsExit
vs_verb_why(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *story = NULL, *evidence = NULL,
                    *domain = vs_records_domain(&ctl->client, args[0]);
    VsWithholding withholding = VS_WITHHOLDING_NONE;
    VsRecordQuery query = {.uri = ctl->client.uri, .domain = domain};
    g_autoptr(json_object) record = vs_records_last(&ctl->client, &query, &error);

    if (!record && !error && ctl->json == VS_JSON_OFF)
        show_attempts(ctl, domain, NULL, &withholding);
    if (!record)
        return complain(ctl, args[0], error);
    vs_output_open_pager(ctl);
    vs_withheld_note(&withholding, record);
    if (ctl->json != VS_JSON_OFF) {
        vs_output_json(ctl, record);
        return vs_withheld_complain(withholding);
    }
    tell_that_it_runs(ctl, args[0]);
    story = vs_story_tell(record, !ctl->client.host);
    evidence = vs_evidence_tell(record);
    vs_output_text(story);
    if (*evidence)
        vs_output_printf("\n%s\n%s", _("Evidence:"), evidence);
    show_attempts(ctl, domain, record, &withholding);
    return vs_withheld_complain(withholding);
}

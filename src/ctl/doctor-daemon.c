/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/doctor-daemon.h"

#include "client/check.h"
#include "ctl/doctor-config.h"
#include "ctl/doctor-guests.h"
#include "ctl/doctor-paste.h"
#include "ctl/plan.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/unwritten.h"

/* Milliseconds as µs; VS_USEC_INFINITY where there is no limit. */
static int64_t
get_usec(json_object *object, const char *name)
{
    int64_t ms = -1;

    if (!vs_json_int(object, name, &ms) || ms < 0 || ms >= INT32_MAX)
        return VS_USEC_INFINITY;
    return ms * VS_USEC_PER_MSEC;
}

/* It is there, but is another version's, or too busy. */
static void
add_unchecked(VsFindings *findings, const GError *error)
{
    g_autofree char *why = vs_text_printable(error->message);

    vs_findings_add(findings, VS_FINDING_UNCHECKED, "guests", NULL,
                    g_strdup_printf(_("The guests: %s"), why), NULL);
}

static void
add_absence(VsFindings *findings, const VsScopeInfo *scope, const GError *error)
{
    g_autofree char *why = vs_text_printable(error->message);

    vs_findings_add(
        findings, VS_FINDING_ERROR, "daemon", NULL,
        g_strdup_printf(_("Nobody watches the guests: %s"), why),
        g_strdup(_("Start it, now and with each boot; its status tells why that fails")));
    vs_findings_paste(findings, g_strdup_printf("%s enable --now virtstopd.service; %s status "
                                                "virtstopd.service",
                                                scope->systemctl, scope->systemctl));
    vs_findings_add(findings, VS_FINDING_UNCHECKED, "guests", NULL,
                    g_strdup(_("The guests: only virtstopd knows them")), NULL);
}

static void
check_manager(VsFindings *findings, VsCtl *ctl)
{
    g_auto(VsManagerObject) manager = {0};

    if (!vs_manager_object_get(&ctl->client, &manager, NULL))
        return;
    vs_doctor_check_config(findings, ctl, &manager);
    for (unsigned i = 0; manager.unwritten && i < manager.unwritten->len; i++) {
        const VsUnwritten *unwritten = manager.unwritten->pdata[i];

        vs_findings_add(findings, VS_FINDING_ERROR, "unwritten", NULL,
                        vs_unwritten_sentence(unwritten),
                        g_strdup(_("It is kept in memory and tried again. Make room on the disk, "
                                   "or see why it, or journald, doesn't answer")));
        vs_findings_paste(findings, vs_doctor_paste_unwritten(ctl, unwritten->what));
    }
}

int64_t
vs_doctor_check_daemon(VsFindings *findings, VsCtl *ctl)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = vs_check_get(&ctl->client, &error);
    g_autoptr(json_object) plan = NULL;

    if (g_error_matches(error, VS_ERROR, VS_ERROR_NOT_CONNECTED)) {
        add_absence(findings, vs_scope_info(ctl->client.scope), error);
        vs_doctor_check_config(findings, ctl, NULL);
        return -1;
    }
    if (!found)
        add_unchecked(findings, error);
    check_manager(findings, ctl);
    plan = vs_plan_get(ctl, false, NULL);
    for (unsigned i = 0; found && i < found->len; i++)
        vs_doctor_tell(findings, ctl, g_ptr_array_index(found, i));
    return plan ? get_usec(plan, "worst_ms") : -1;
}

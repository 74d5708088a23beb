/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/manager.h"
#include "client/records.h"
#include "ctl/doctor.h"
#include "ctl/plan.h"
#include "rehearsal/durations.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* What virtstopd knows: whether libvirt is there, the guests, and what stopping them takes. */

/* So many of the newest records are read, as for a plan. */
#define MAX_RECORDS 5000

typedef struct Knowledge {
    json_object *plan; /* NULL: there is none */
    VsDuration *past;  /* how long the guests took to do what they were asked */
} Knowledge;

/* Milliseconds as µs; VS_USEC_INFINITY where there is no limit. */
static int64_t
get_usec(json_object *object, const char *name)
{
    int64_t ms = -1;

    if (!vs_json_int(object, name, &ms) || ms < 0 || ms >= INT32_MAX)
        return VS_USEC_INFINITY;
    return ms * VS_USEC_PER_MSEC;
}

/* What all guests have together; VS_USEC_INFINITY for one that takes no part. */
static int64_t
find_budget(json_object *plan, const VsDomainObject *domain)
{
    json_object *guests = vs_json_array(plan, "guests");

    for (size_t i = 0; guests && i < json_object_array_length(guests); i++) {
        json_object *guest = json_object_array_get_idx(guests, i);
        if (g_str_equal(vs_json_string(guest, "name", ""), domain->name) &&
            g_str_equal(vs_json_string(guest, "uri", ""), domain->uri))
            return get_usec(plan, "budget_ms");
    }
    return VS_USEC_INFINITY;
}

/* 0: it never did, or that isn't known. */
static int64_t
find_longest(const VsDuration *past, const VsDomainObject *domain)
{
    VsDomainId id = {.uri = domain->uri};
    int64_t median, longest = 0;
    VsLadder ladder;

    g_strlcpy(id.uuid.text, domain->uuid, sizeof(id.uuid.text));
    if (vs_ladder_parse(domain->ladder, &ladder, NULL))
        vs_durations_tell(past, &id, &ladder, &median, &longest);
    return longest;
}

static void
check_guest(VsFindings *findings, VsCtl *ctl, VsDomainObject *domain, const Knowledge *knowledge)
{
    g_autoptr(sd_bus_message) reply =
        vs_client_get_all(&ctl->client, domain->path, VS_BUS_DOMAIN, NULL);

    if (!reply)
        return; /* it went meanwhile */
    domain->acpi = true;
    vs_domain_object_read(domain, reply);
    vs_doctor_check_guest(findings, domain, find_longest(knowledge->past, domain),
                          find_budget(knowledge->plan, domain));
}

static bool
take_past(json_object *record, void *userdata)
{
    vs_durations_take(userdata, record);
    return true;
}

static void
read_past(VsFindings *findings, VsCtl *ctl, VsDuration *past)
{
    g_autoptr(GError) error = NULL;
    VsRecordQuery query = {.uri = ctl->client.uri, .limit = MAX_RECORDS};

    if (!vs_records_oldest_first(&ctl->client, &query, take_past, past, &error))
        vs_findings_add(findings, VS_FINDING_UNCHECKED, "records", NULL,
                        g_strdup_printf(_("How long the guests took before: %s"), error->message),
                        NULL);
}

static void
check_guests(VsFindings *findings, VsCtl *ctl, const GPtrArray *domains, json_object *plan)
{
    g_autoptr(VsDuration) past = vs_durations_new();
    Knowledge knowledge = {plan, past};

    read_past(findings, ctl, past);
    for (unsigned i = 0; i < domains->len; i++) {
        VsDomainObject *domain = g_ptr_array_index(domains, i);
        if (domain->id >= 0)
            check_guest(findings, ctl, domain, &knowledge);
    }
}

static void
check_connections(VsFindings *findings, VsCtl *ctl)
{
    g_auto(VsManagerObject) manager = {0};

    if (!vs_manager_object_get(&ctl->client, &manager, NULL))
        return;
    for (unsigned i = 0; manager.away && i < manager.away->len; i++) {
        const char *uri = g_ptr_array_index(manager.away, i);
        g_autofree char *quoted = vs_text_quoted(uri);

        if (ctl->client.uri && !g_str_equal(ctl->client.uri, uri))
            continue;
        vs_findings_add(findings, VS_FINDING_ERROR, "not-connected", NULL,
                        g_strdup_printf(_("virtstopd has no connection to libvirt at %s: as long "
                                          "as that lasts, it can stop no guest there"),
                                        quoted),
                        g_strdup(_("Is libvirt running, and Uris= in virtstop.conf right? "
                                   "journalctl -u virtstopd.service says why")));
    }
}

static void
add_absence(VsFindings *findings, const GError *error)
{
    g_autofree char *why = vs_text_printable(error->message);

    vs_findings_add(findings, VS_FINDING_ERROR, "daemon", NULL,
                    g_strdup_printf(_("Nobody watches the guests: %s"), why),
                    g_strdup(_("systemctl enable --now virtstopd.service; where that fails, "
                               "systemctl status virtstopd.service and virtstopctl check-config "
                               "tell why")));
    vs_findings_add(findings, VS_FINDING_UNCHECKED, "guests", NULL,
                    g_strdup(_("The guests: only virtstopd knows them")), NULL);
}

int64_t
vs_doctor_check_daemon(VsFindings *findings, VsCtl *ctl)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) domains = vs_objects_list_domains(&ctl->client, &error);
    g_autoptr(json_object) plan = domains ? vs_plan_get(ctl, NULL) : NULL;

    if (!domains) {
        add_absence(findings, error);
        return -1;
    }
    check_connections(findings, ctl);
    check_guests(findings, ctl, domains, plan);
    return plan ? get_usec(plan, "worst_ms") : -1;
}

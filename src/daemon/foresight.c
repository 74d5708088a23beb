/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/foresight.h"

#include "rehearsal/check.h"
#include "rehearsal/durations.h"
#include "rehearsal/plan.h"
#include "util/json.h"

/* So many of the newest records are read: enough for some stops of each guest, and quick. */
#define MAX_RECORDS 5000

static VsDuration *
read_past(VsRecorder *recorder, GError **error)
{
    g_autoptr(GPtrArray) lines = vs_recorder_history(recorder, NULL, MAX_RECORDS, error);
    VsDuration *past;

    if (!lines)
        return NULL;
    past = vs_durations_new();
    for (unsigned i = 0; i < lines->len; i++) {
        g_autoptr(json_object) record = vs_json_parse_object(lines->pdata[i], NULL);

        if (record)
            vs_durations_take(past, record);
    }
    return past;
}

static VsPlanGuest
plan_guest(const VsGuest *guest, const VsPolicy *policy, const VsDuration *past)
{
    VsPlanGuest planned = {
        .info =
            {
                .domain = guest->domain, /* shared: it outlives the plan */
                .state = guest->state,
                .persistent = guest->persistent,
                .described = !vs_guest_why_unknown(guest),
                .description = guest->description,
            },
    };
    VsGuestPolicy own;

    vs_policy_resolve(policy, guest->domain.name, &own);
    vs_durations_tell(past, &guest->domain, &own.ladder, &planned.median, &planned.longest);
    return planned;
}

/* The guests that run now, as the policy and their past have it; of VsPlanGuest, which share what
 * is the engine's. */
static GArray *
plan_guests(const VsEngine *engine, const VsPolicy *policy, const VsDuration *past)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    GArray *planned = g_array_new(FALSE, FALSE, sizeof(VsPlanGuest));

    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];
        VsPlanGuest entry;

        if (!guest->run || vs_run_is_over(guest->run))
            continue;
        entry = plan_guest(guest, policy, past);
        g_array_append_val(planned, entry);
    }
    return planned;
}

char *
vs_foresight_plan(const VsEngine *engine, const VsPolicy *policy, VsRecorder *recorder,
                  int64_t budget, GError **error)
{
    g_autoptr(VsDuration) past = read_past(recorder, error);
    g_autoptr(GArray) planned = NULL;
    g_autoptr(json_object) plan = NULL;
    VsPolicy indexed;

    if (!past)
        return NULL;
    vs_policy_copy(&indexed, policy);
    planned = plan_guests(engine, &indexed, past);
    plan = vs_plan_make(&indexed, (const VsPlanGuest *)planned->data, planned->len, budget);
    vs_policy_clear(&indexed);
    return g_strdup(vs_json_line(plan));
}

static void
free_finding(gpointer data)
{
    vs_finding_free(data);
}

static void
add_unread(GPtrArray *findings, const GError *error)
{
    VsFinding *finding = vs_finding_new(VS_FINDING_RECORDS, NULL);

    finding->message = g_strdup(error->message);
    g_ptr_array_add(findings, finding);
}

GPtrArray *
vs_foresight_check(const VsEngine *engine, const VsPolicy *policy, VsRecorder *recorder)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func(free_finding);
    g_autoptr(GError) error = NULL;
    g_autoptr(VsDuration) past = read_past(recorder, &error);
    g_autoptr(GArray) planned = NULL;
    VsPolicy indexed;

    if (!past) {
        add_unread(findings, error);
        past = vs_durations_new();
    }
    vs_policy_copy(&indexed, policy);
    planned = plan_guests(engine, &indexed, past);
    vs_check_guests(&indexed, (const VsPlanGuest *)planned->data, planned->len, findings);
    vs_policy_clear(&indexed);
    return findings;
}

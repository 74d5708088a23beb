/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/foresight.h"

#include "record/history-query.h"
#include "rehearsal/check.h"
#include "rehearsal/durations.h"
#include "rehearsal/plan.h"
#include "util/json.h"

/* So many of the newest records are read: enough for some stops of each guest, and quick. */
#define MAX_RECORDS 5000

static VsDuration *
read_past(const VsView *view, const gint *dropped, GError **error)
{
    VsHistoryQuery query = {.limit = MAX_RECORDS, .dropped = dropped};
    g_autoptr(GPtrArray) lines = vs_history_query(view->directory, &query, error);
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

static void
tell_past(const VsView *view, const VsDuration *past)
{
    for (unsigned i = 0; i < view->guests->len; i++) {
        VsPlanGuest *guest = &g_array_index(view->guests, VsPlanGuest, i);
        VsGuestPolicy own;

        vs_labels_resolve(&view->policy, &guest->info.domain, guest->labels, &own);
        vs_durations_tell(past, &guest->info.domain, &own.ladder, &guest->past);
    }
}

/* What belongs to them stays the view's. */
static GArray *
choose(const VsView *view, const VsPart *part)
{
    GArray *chosen = g_array_new(FALSE, FALSE, sizeof(VsPlanGuest));

    for (unsigned i = 0; i < view->guests->len; i++) {
        const VsPlanGuest *guest = &g_array_index(view->guests, VsPlanGuest, i);

        if (vs_part_means(part, &view->policy, &guest->info.domain, guest->labels))
            g_array_append_vals(chosen, guest, 1);
    }
    return chosen;
}

char *
vs_foresight_plan(VsView *view, int64_t budget, const VsPart *part, const gint *dropped,
                  GError **error)
{
    g_autoptr(GArray) guests = NULL;
    g_autoptr(VsDuration) past = read_past(view, dropped, error);
    g_autoptr(json_object) plan = NULL;

    if (!past)
        return NULL;
    tell_past(view, past);
    guests = choose(view, part);
    plan = vs_plan_make(&view->policy, (const VsPlanGuest *)guests->data, guests->len, budget,
                        view->hooks);
    vs_json_set(plan, "part", vs_part_to_json(part));
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
vs_foresight_check(VsView *view, const gint *dropped)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func(free_finding);
    g_autoptr(GError) error = NULL;
    g_autoptr(VsDuration) past = read_past(view, dropped, &error);

    if (past)
        tell_past(view, past);
    else
        add_unread(findings, error);
    vs_check_guests(&view->policy, (const VsPlanGuest *)view->guests->data, view->guests->len,
                    findings);
    return findings;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/foresight.h"

#include <stdlib.h>

#include "core/plan.h"
#include "util/json.h"

/* So many of the newest records are read: enough for some stops of each guest, and quick. */
#define MAX_RECORDS 5000

static void
free_spans(void *data)
{
    g_array_unref(data);
}

/* What it took a guest to do what it was asked; how long one was waited for in vain says nothing
 * of the guest. */
static void
take_record(GHashTable *spans, const char *line)
{
    g_autoptr(json_object) record = vs_json_parse_object(line, NULL);
    json_object *request = vs_json_object(record, "request");
    const char *uuid = vs_json_string(vs_json_object(record, "domain"), "uuid", NULL);
    GArray *own;
    int64_t took;

    if (!uuid || !request || !vs_json_int(record, "took_ms", &took) || took <= 0 ||
        !g_str_equal(vs_json_string(request, "outcome", ""), "clean"))
        return;
    own = g_hash_table_lookup(spans, uuid);
    if (!own) {
        own = g_array_new(FALSE, FALSE, sizeof(int64_t));
        g_hash_table_insert(spans, g_strdup(uuid), own);
    }
    g_array_append_val(own, took);
}

static int
compare(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

    return one < other ? -1 : one > other;
}

static int64_t
median(GHashTable *spans, const char *uuid)
{
    GArray *own = g_hash_table_lookup(spans, uuid);

    if (!own)
        return 0;
    g_array_sort(own, compare);
    return g_array_index(own, int64_t, own->len / 2) * 1000;
}

static VsPlanGuest
plan_guest(const VsGuest *guest, GHashTable *spans)
{
    return (VsPlanGuest){
        .info =
            {
                .domain = guest->domain, /* shared: it outlives the plan */
                .state = guest->state,
                .agent = guest->agent,
                .persistent = guest->persistent,
            },
        .median = median(spans, guest->domain.uuid.text),
    };
}

char *
vs_foresight_plan(const VsEngine *engine, const VsPolicy *policy, VsRecorder *recorder,
                  int64_t budget, GError **error)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    g_autoptr(GPtrArray) lines = vs_recorder_history(recorder, NULL, MAX_RECORDS, error);
    g_autoptr(GHashTable) spans =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_spans);
    g_autoptr(GArray) planned = g_array_new(FALSE, FALSE, sizeof(VsPlanGuest));
    g_autoptr(json_object) plan = NULL;

    if (!lines)
        return NULL;
    for (unsigned i = 0; i < lines->len; i++)
        take_record(spans, lines->pdata[i]);
    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];
        VsPlanGuest entry;

        if (!guest->run || guest->run->ended)
            continue;
        entry = plan_guest(guest, spans);
        g_array_append_val(planned, entry);
    }
    plan = vs_plan_make(policy, (const VsPlanGuest *)planned->data, planned->len, budget);
    return g_strdup(vs_json_line(plan));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/host-stop-record.h"

#include "client/records.h"
#include "util/span.h"
#include "util/wallclock.h"

/* From the last guest's end to the hook's question about it. */
#define JUST_NOW (60 * VS_USEC_PER_SEC)

bool
vs_host_stop_times(json_object *record, VsHostStopTimes *ret)
{
    json_object *steps = vs_json_array(vs_json_object(record, "request"), "steps");
    json_object *first = steps ? json_object_array_get_idx(steps, 0) : NULL;
    const char *asked = vs_json_string(vs_json_object(record, "host_stop"), "asked", "");
    bool waited = vs_json_string(vs_json_object(record, "request"), "waited_for", NULL) != NULL;
    int64_t took = 0, start, end, all_asked;

    if (!vs_wallclock_parse(vs_json_string(record, "time", ""), &end, NULL))
        return false;
    vs_json_msec(record, "took_ms", &took);
    *ret = (VsHostStopTimes){.asked = end - took, .start = end - took, .end = end};
    if (first && vs_wallclock_parse(vs_json_string(first, "started", ""), &start, NULL))
        ret->start = MIN(start, end);
    if (vs_wallclock_parse(asked, &all_asked, NULL))
        /* Of one that waited, took_ms counts from its own turn. */
        ret->asked = waited ? MIN(all_asked, ret->start) : MIN(MAX(ret->asked, all_asked), end);
    return true;
}

VsClean
vs_host_stop_clean(json_object *record)
{
    json_object *clean = NULL;

    json_object_object_get_ex(record, "clean", &clean);
    if (!json_object_is_type(clean, json_type_boolean))
        return VS_CLEAN_UNKNOWN;
    return json_object_get_boolean(clean) ? VS_CLEAN_YES : VS_CLEAN_NO;
}

static void
count(VsHostStopTally *tally, VsClean clean)
{
    switch (clean) {
    case VS_CLEAN_YES:
        tally->n_clean++;
        break;
    case VS_CLEAN_NO:
        tally->n_cut_off++;
        break;
    case VS_CLEAN_UNKNOWN:
        tally->n_unknown++;
        break;
    }
}

void
vs_host_stop_tally_add(VsHostStopTally *tally, json_object *record)
{
    VsHostStopTimes times;
    int64_t budget;

    count(tally, vs_host_stop_clean(record));
    /* It may have been prolonged, or shortened, on the way. */
    if (vs_json_msec(vs_json_object(record, "host_stop"), "budget_ms", &budget))
        tally->budget = budget;
    if (!vs_host_stop_times(record, &times))
        return;
    tally->asked = tally->asked > 0 ? MIN(tally->asked, times.asked) : times.asked;
    tally->last = MAX(tally->last, times.end);
}

typedef struct Asked {
    VsHostStopTally *tally;
    GHashTable *others;
} Asked;

static bool
add(json_object *record, void *userdata)
{
    const Asked *asked = userdata;
    const char *stop = vs_record_stop(record);

    if (!stop || !asked->others || !g_hash_table_contains(asked->others, stop))
        vs_host_stop_tally_add(asked->tally, record);
    return true;
}

void
vs_host_stop_tally_ask(VsHostStopTally *tally, VsClient *client, const char *host_stop,
                       GHashTable *others)
{
    VsRecordQuery query = {.host_stop = host_stop, .is_public = true};
    Asked asked = {.tally = tally, .others = others};

    vs_records_oldest_first(client, &query, add, &asked, NULL);
}

/* Of this boot: no clock of it is older than that. */
static bool
is_just_over(json_object *record)
{
    int64_t span = MIN(JUST_NOW, g_get_monotonic_time());
    VsHostStopTimes times;

    return vs_json_bool(record, "host_shutdown", false) && vs_host_stop_times(record, &times) &&
           times.end >= g_get_real_time() - span;
}

void
vs_host_stop_tally_ask_last(VsHostStopTally *tally, VsClient *client)
{
    VsRecordQuery query = {.is_public = true};
    g_autoptr(json_object) record = vs_records_last(client, &query, NULL);
    const char *id = vs_json_string(vs_json_object(record, "host_stop"), "id", NULL);

    if (id && is_just_over(record))
        vs_host_stop_tally_ask(tally, client, id, NULL);
}

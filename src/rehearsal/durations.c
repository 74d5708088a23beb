/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/durations.h"

#include "core/record.h"
#include "util/span.h"

/* More is no guest's going down, but a clock that was set, or a file that somebody wrote. */
#define MAX_TOOK (INT64_C(7) * 24 * 3600 * VS_USEC_PER_SEC)

typedef enum Way {
    WAY_NONE, /* it tells nothing */
    WAY_DOWN,
    WAY_SAVED,
} Way;

typedef struct PastStop {
    Way way;
    int64_t took; /* µs */
} PastStop;

struct VsDuration {
    GHashTable *stops; /* "UUID URI" -> GArray of PastStop */
};

static void
free_stops(void *data)
{
    g_array_unref(data);
}

VsDuration *
vs_durations_new(void)
{
    VsDuration *past = g_new(VsDuration, 1);

    past->stops = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_stops);
    return past;
}

void
vs_durations_free(VsDuration *past)
{
    g_hash_table_unref(past->stops);
    g_free(past);
}

/* A record's time is counted from our request, even where the guest's turn had not come; without
 * one, from somebody else's press of the button, or else only from the first sign of the end. */
static Way
way_of(json_object *record)
{
    json_object *request = vs_json_object(record, "request");
    json_object *steps = vs_json_array(request, "steps");
    bool asked = steps && json_object_array_length(steps) > 0;
    VsCause cause;

    if (!vs_cause_parse(vs_json_string(record, "cause", ""), &cause) || (request && !asked))
        return WAY_NONE;
    switch (cause) {
    case VS_CAUSE_GUEST_AGENT:
    case VS_CAUSE_POWER_BUTTON:
    case VS_CAUSE_GUEST_REQUEST:
        return WAY_DOWN;
    case VS_CAUSE_GUEST_INITIATED:
        return asked ? WAY_DOWN : WAY_NONE;
    case VS_CAUSE_SAVED:
        return asked ? WAY_SAVED : WAY_NONE;
    default:
        return WAY_NONE;
    }
}

static GArray *
stops_of(VsDuration *past, const char *uuid, const char *uri)
{
    g_autofree char *key = vs_domain_key(uri, uuid);
    GArray *stops = g_hash_table_lookup(past->stops, key);

    if (!stops) {
        stops = g_array_new(FALSE, FALSE, sizeof(PastStop));
        g_hash_table_insert(past->stops, g_steal_pointer(&key), stops);
    }
    return stops;
}

void
vs_durations_take(VsDuration *past, json_object *record)
{
    const char *uuid = vs_json_string(vs_json_object(record, "domain"), "uuid", NULL);
    const char *uri = vs_json_string(record, "uri", NULL);
    PastStop stop = {.way = way_of(record)};
    int64_t took_ms;

    if (!uuid || !uri || stop.way == WAY_NONE || !vs_json_int(record, "took_ms", &took_ms) ||
        took_ms <= 0 || took_ms > MAX_TOOK / VS_USEC_PER_MSEC)
        return;
    stop.took = took_ms * VS_USEC_PER_MSEC;
    g_array_append_val(stops_of(past, uuid, uri), stop);
}

static bool
goes_that_way(const VsLadder *ladder, Way way)
{
    for (unsigned i = 0; i < ladder->n_steps; i++) {
        VsMethodEffect effect = vs_method_info(ladder->steps[i].method)->effect;

        if (effect == (way == WAY_SAVED ? VS_EFFECT_SAVES : VS_EFFECT_ASKS))
            return true;
    }
    return false;
}

static int
compare(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

    return one < other ? -1 : one > other;
}

bool
vs_durations_tell(const VsDuration *past, const VsDomainId *domain, const VsLadder *ladder,
                  int64_t *ret_median, int64_t *ret_longest)
{
    g_autofree char *key = vs_domain_key(domain->uri, domain->uuid.text);
    const GArray *stops = g_hash_table_lookup(past->stops, key);
    g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(int64_t));

    for (unsigned i = 0; stops && i < stops->len; i++) {
        const PastStop *stop = &g_array_index(stops, PastStop, i);

        if (goes_that_way(ladder, stop->way))
            g_array_append_val(spans, stop->took);
    }
    if (spans->len == 0)
        return false;
    g_array_sort(spans, compare);
    *ret_median = g_array_index(spans, int64_t, spans->len / 2);
    *ret_longest = g_array_index(spans, int64_t, spans->len - 1);
    return true;
}

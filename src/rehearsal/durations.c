/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/durations.h"

#include <stdlib.h>

#include "rehearsal/past-stop.h"
#include "util/span.h"

/* What one stop tells of a method; or a refusal, which tells nothing of the guest. */
typedef struct Seen {
    VsMethod method;
    VsAnswerTime time;
    bool ignored;    /* it ran on to the step's end, and was forced */
    int64_t refused; /* µs; 0: it wasn't */
} Seen;

/* One in which the guest did what it was asked. */
typedef struct Down {
    bool saved;
    int64_t took; /* µs from its turn */
} Down;

typedef struct Stops {
    unsigned n;
    GArray *seen; /* of Seen, oldest first */
    GArray *downs;
} Stops;

struct VsDuration {
    GHashTable *stops; /* "UUID URI" -> Stops */
};

static void
free_stops(void *data)
{
    Stops *stops = data;

    g_array_unref(stops->seen);
    g_array_unref(stops->downs);
    g_free(stops);
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

static Stops *
stops_of(VsDuration *past, const char *uuid, const char *uri)
{
    g_autofree char *key = vs_domain_key(uri, uuid);
    Stops *stops = g_hash_table_lookup(past->stops, key);

    if (!stops) {
        stops = g_new0(Stops, 1);
        stops->seen = g_array_new(FALSE, FALSE, sizeof(Seen));
        stops->downs = g_array_new(FALSE, FALSE, sizeof(Down));
        g_hash_table_insert(past->stops, g_steal_pointer(&key), stops);
    }
    return stops;
}

/* A deadline that comes a little later next time is no longer time. */
static int64_t
a_little_more(int64_t span)
{
    return span + span / 4 + VS_USEC_PER_SEC;
}

static void
add_time(Stops *stops, VsMethod method, int64_t took, int64_t whole)
{
    Seen seen = {.method = method, .time = {took, took, whole}};

    g_array_append_val(stops->seen, seen);
}

static void
add_vain(Stops *stops, VsMethod method, int64_t least, bool ignored)
{
    Seen seen = {
        .method = method,
        .time = {MAX(least, 0), VS_USEC_INFINITY, VS_USEC_INFINITY},
        .ignored = ignored,
    };

    g_array_append_val(stops->seen, seen);
}

static void
add_refusal(Stops *stops, const VsPastStep *taken)
{
    Seen seen = {.method = taken->method, .refused = taken->took};

    if (taken->method == VS_METHOD_AGENT && taken->took > 0)
        g_array_append_val(stops->seen, seen);
}

/* A step before that by which it went off: it was in vain, but where the guest went down in the end
 * it may have done so for that. */
static void
take_vain(Stops *stops, const VsPastStop *stop, unsigned i, const VsPastStep *by)
{
    const VsPastStep *taken = vs_past_stop_step(stop, i);
    bool forced = vs_past_step_effect(by) >= VS_EFFECT_ENDS;
    int64_t least = forced ? a_little_more(by->started - taken->started)
                           : vs_past_stop_before(stop) + stop->took - taken->started;

    if (vs_past_step_effect(taken) == VS_EFFECT_NONE)
        return;
    if (!vs_past_stop_was_in_vain(stop, i))
        add_refusal(stops, taken);
    else if (vs_past_stop_first_like(stop, i) == i)
        add_vain(stops, taken->method, least, forced && vs_past_stop_was_waited_for(stop, i));
}

static void
take_steps(Stops *stops, const VsPastStop *stop, unsigned number)
{
    const VsPastStep *by = vs_past_stop_step(stop, number);
    bool ends = vs_past_step_effect(by) >= VS_EFFECT_ENDS;
    int64_t whole = (ends ? 0 : vs_past_stop_before(stop)) + stop->took;
    int64_t took = MAX(whole - by->started, 0);

    for (unsigned i = 0; i < number; i++)
        take_vain(stops, stop, i, by);
    add_time(stops, by->method, took, MAX(whole - vs_past_stop_first(stop), took));
}

/* Of what somebody else asked for it isn't known how, but for the agent and the button. */
static bool
take_press(Stops *stops, const VsPastStop *stop)
{
    static const VsMethod others[] = {VS_METHOD_INITCTL, VS_METHOD_SIGNAL, VS_METHOD_PARAVIRT};
    int64_t took = stop->took;

    if (stop->cause == VS_CAUSE_POWER_BUTTON)
        add_time(stops, VS_METHOD_POWER_BUTTON, took, took);
    else if (stop->cause == VS_CAUSE_GUEST_AGENT)
        add_time(stops, VS_METHOD_AGENT, took, took);
    else if (stop->cause == VS_CAUSE_GUEST_REQUEST)
        for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
            add_time(stops, others[i], took, took);
    else
        return false;
    return true;
}

/* Of a record that doesn't tell its steps, and of what somebody else asked for. */
static bool
take_unknown_steps(Stops *stops, const VsPastStop *stop)
{
    if (stop->outcome != VS_OUTCOME_FORCED)
        return take_press(stops, stop);
    for (VsMethod method = 0; method < VS_ANSWER_METHODS; method++)
        if (vs_method_info(method)->effect == VS_EFFECT_ASKS)
            add_vain(stops, method, a_little_more(stop->took), true);
    return true;
}

static void
take_down(Stops *stops, const VsPastStop *stop)
{
    Down down = {.saved = stop->cause == VS_CAUSE_SAVED, .took = stop->took};

    if (stop->cause != VS_CAUSE_DESTROYED && stop->cause != VS_CAUSE_HOST_SIGNAL)
        g_array_append_val(stops->downs, down);
}

static void
take_stop(Stops *stops, const VsPastStop *stop)
{
    int by = stop->taken->len > 0 ? vs_past_stop_find_by(stop) : -1;

    if (by >= 0)
        take_steps(stops, stop, (unsigned)by);
    else if (stop->taken->len > 0 || !take_unknown_steps(stops, stop))
        return;
    stops->n++;
    take_down(stops, stop);
}

void
vs_durations_take(VsDuration *past, json_object *record)
{
    const char *uuid = vs_json_string(vs_json_object(record, "domain"), "uuid", NULL);
    const char *uri = vs_json_string(record, "uri", NULL);
    VsPastStop stop;

    if (vs_past_stop_read(&stop, record) && uuid && uri)
        take_stop(stops_of(past, uuid, uri), &stop);
    vs_past_stop_clear(&stop);
}

static int
compare(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

    return one < other ? -1 : one > other;
}

/* Of at least one; the later of two in the middle. */
static int64_t
median(int64_t *times, unsigned n)
{
    qsort(times, n, sizeof(int64_t), compare);
    return times[n / 2];
}

/* Each bound has its own: what the median is lies between them. */
static VsAnswerTime
median_time(const VsAnswerTime *last, unsigned n)
{
    int64_t least[VS_ANSWER_LAST], most[VS_ANSWER_LAST], whole[VS_ANSWER_LAST];

    for (unsigned i = 0; i < n; i++) {
        least[i] = last[i].least;
        most[i] = last[i].most;
        whole[i] = last[i].whole;
    }
    return (VsAnswerTime){median(least, n), median(most, n), median(whole, n)};
}

/* Whether it ever did what @method asks for. */
static bool
ever_answered(const Stops *stops, VsMethod method)
{
    for (unsigned i = 0; i < stops->seen->len; i++) {
        const Seen *seen = &g_array_index(stops->seen, Seen, i);

        if (seen->method == method && seen->refused == 0 && seen->time.most < VS_USEC_INFINITY)
            return true;
    }
    return false;
}

/* What a guest always ignored more time doesn't have it do. */
static VsAnswerTime
time_of(const Seen *seen, bool answers)
{
    VsAnswerTime time = seen->time;

    if (seen->ignored && !answers)
        time.least = VS_USEC_INFINITY;
    return time;
}

static void
tell_method(const Stops *stops, VsMethod method, VsAnswer *answer)
{
    bool answers = ever_answered(stops, method);
    VsAnswerTime last[VS_ANSWER_LAST];

    for (unsigned i = 0; i < stops->seen->len; i++) {
        const Seen *seen = &g_array_index(stops->seen, Seen, i);
        VsAnswerTime time;

        if (seen->method != method)
            continue;
        answer->refused = seen->refused;
        if (seen->refused > 0)
            continue;
        time = time_of(seen, answers);
        if (answer->n == 0 || time.least > answer->slowest.least)
            answer->slowest = time;
        last[answer->n++ % VS_ANSWER_LAST] = time;
    }
    if (answer->n > 0)
        answer->usual = median_time(last, MIN(answer->n, VS_ANSWER_LAST));
}

static bool
goes_that_way(const VsLadder *ladder, bool saved)
{
    for (unsigned i = 0; i < ladder->n_steps; i++) {
        VsMethodEffect effect = vs_method_info(ladder->steps[i].method)->effect;

        if (effect == (saved ? VS_EFFECT_SAVES : VS_EFFECT_ASKS))
            return true;
    }
    return false;
}

static void
tell_downs(const Stops *stops, const VsLadder *ladder, VsPast *past)
{
    int64_t last[VS_ANSWER_LAST];
    unsigned n = 0;

    for (unsigned i = 0; i < stops->downs->len; i++) {
        const Down *down = &g_array_index(stops->downs, Down, i);

        if (!goes_that_way(ladder, down->saved))
            continue;
        past->longest = MAX(past->longest, down->took);
        last[n++ % VS_ANSWER_LAST] = down->took;
    }
    if (n > 0)
        past->median = median(last, MIN(n, VS_ANSWER_LAST));
}

void
vs_durations_tell(const VsDuration *past, const VsDomainId *domain, const VsLadder *ladder,
                  VsPast *ret)
{
    g_autofree char *key = vs_domain_key(domain->uri, domain->uuid.text);
    const Stops *stops = g_hash_table_lookup(past->stops, key);

    *ret = (VsPast){0};
    if (!stops)
        return;
    ret->n_stops = stops->n;
    for (VsMethod method = 0; method < VS_ANSWER_METHODS; method++)
        tell_method(stops, method, &ret->answers[method]);
    tell_downs(stops, ladder, ret);
}

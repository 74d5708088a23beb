/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/durations.h"

#include <stdlib.h>

#include "core/record.h"
#include "util/span.h"
#include "util/wallclock.h"

/* More is no guest's going down, but a clock that was set, or a file that somebody wrote. */
#define MAX_TOOK (INT64_C(7) * 24 * 3600 * VS_USEC_PER_SEC)

/* A step that was taken by a stop. */
typedef struct Taken {
    VsMethod method;
    int64_t started; /* µs from the turn of the guest */
    int64_t took;    /* µs */
    const char *result;
} Taken;

/* What one stop tells of a method; or a refusal, which tells nothing of the guest. */
typedef struct Seen {
    VsMethod method;
    VsAnswerTime time;
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

/* A record, as far as it is of interest here. */
typedef struct Story {
    VsCause cause;
    VsOutcome outcome;
    int64_t took; /* µs from its turn, or from somebody's press, until it was off */
    GArray *taken;
} Story;

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

static VsMethodEffect
effect_of(const Taken *taken)
{
    return vs_method_info(taken->method)->effect;
}

/* @turn: realtime µs. False where it tells nothing. */
static bool
read_step(json_object *step, int64_t turn, Taken *ret)
{
    int64_t started, took_ms = 0;

    if (!vs_method_find(vs_json_string(step, "method", ""), &ret->method) ||
        !vs_wallclock_parse(vs_json_string(step, "started", ""), &started, NULL))
        return false;
    vs_json_int(step, "took_ms", &took_ms);
    ret->started = CLAMP(started - turn, 0, MAX_TOOK);
    ret->took = CLAMP(took_ms, 0, MAX_TOOK / VS_USEC_PER_MSEC) * VS_USEC_PER_MSEC;
    ret->result = vs_json_string(step, "result", "");
    return true;
}

static void
read_steps(json_object *request, int64_t turn, GArray *taken)
{
    json_object *steps = vs_json_array(request, "steps");

    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        Taken step;

        if (read_step(json_object_array_get_idx(steps, i), turn, &step))
            g_array_append_val(taken, step);
    }
}

/* False where it tells nothing. The caller frees what was taken. */
static bool
read_story(json_object *record, Story *ret)
{
    json_object *request = vs_json_object(record, "request");
    int64_t took_ms, time = 0;

    *ret = (Story){.taken = g_array_new(FALSE, FALSE, sizeof(Taken))};
    if (!vs_cause_parse(vs_json_string(record, "cause", ""), &ret->cause) ||
        !vs_json_int(record, "took_ms", &took_ms) || took_ms <= 0 ||
        took_ms > MAX_TOOK / VS_USEC_PER_MSEC)
        return false;
    ret->took = took_ms * VS_USEC_PER_MSEC;
    if (!request)
        return true;
    vs_outcome_parse(vs_json_string(request, "outcome", ""), &ret->outcome);
    if (vs_wallclock_parse(vs_json_string(record, "time", ""), &time, NULL))
        read_steps(request, time - ret->took, ret->taken);
    return ret->taken->len > 0; /* else its turn had not come */
}

/* Whether @method is what a guest goes off by in that way. */
static bool
is_by(const Story *story, const Taken *taken)
{
    VsMethodEffect effect = effect_of(taken);

    switch (story->cause) {
    case VS_CAUSE_GUEST_AGENT:
        return taken->method == VS_METHOD_AGENT;
    case VS_CAUSE_POWER_BUTTON:
        return taken->method == VS_METHOD_POWER_BUTTON;
    case VS_CAUSE_GUEST_REQUEST:
    case VS_CAUSE_GUEST_INITIATED:
        return effect == VS_EFFECT_ASKS;
    case VS_CAUSE_SAVED:
        return effect == VS_EFFECT_SAVES;
    case VS_CAUSE_DESTROYED:
    case VS_CAUSE_HOST_SIGNAL:
        return story->outcome == VS_OUTCOME_HALTED
                   ? effect == VS_EFFECT_ASKS
                   : effect == VS_EFFECT_ENDS || effect == VS_EFFECT_FORCES;
    default:
        return false;
    }
}

/* The guest had heard it, and had that time to do it. */
static bool
was_in_vain(const Taken *taken)
{
    static const char *const results[] = {"deadline", "budget",       "escalated",
                                          "rebooted", VS_STEP_WRITES, "went down"};

    for (unsigned i = 0; i < G_N_ELEMENTS(results); i++)
        if (g_str_equal(taken->result, results[i]))
            return true;
    return false;
}

/* A deadline that comes a little later next time is no longer time. */
static int64_t
a_little_more(int64_t span)
{
    return span + span / 4 + VS_USEC_PER_SEC;
}

static const Taken *
nth(const Story *story, unsigned i)
{
    return &g_array_index(story->taken, Taken, i);
}

static bool
was_heard(const Story *story, unsigned i)
{
    return was_in_vain(nth(story, i)) || i + 1 == story->taken->len;
}

/* A step that was broken off, or got more time, stands there more than once. */
static unsigned
first_like(const Story *story, unsigned i)
{
    unsigned first = 0;

    while (nth(story, first)->method != nth(story, i)->method || !was_heard(story, first))
        first++;
    return first;
}

/* The number of the step by which it went off; -1: none of these. */
static int
find_by(const Story *story)
{
    for (unsigned i = story->taken->len; i-- > 0;)
        if (is_by(story, nth(story, i)) && was_heard(story, i))
            return (int)first_like(story, i);
    return -1;
}

/* What comes before the guest is first asked, and comes again: hooks, a resume. */
static int64_t
find_before(const Story *story)
{
    int64_t before = nth(story, 0)->started;

    for (unsigned i = 0; i < story->taken->len && effect_of(nth(story, i)) == VS_EFFECT_NONE; i++)
        before += nth(story, i)->took;
    return before;
}

static int64_t
find_first(const Story *story)
{
    unsigned i = 0;

    while (effect_of(nth(story, i)) == VS_EFFECT_NONE)
        i++;
    return nth(story, i)->started;
}

static void
add_time(Stops *stops, VsMethod method, int64_t least, int64_t most, int64_t whole)
{
    Seen seen = {.method = method, .time = {least, most, whole}};

    g_array_append_val(stops->seen, seen);
}

static void
add_refusal(Stops *stops, const Taken *taken)
{
    Seen seen = {.method = taken->method, .refused = taken->took};

    if (taken->method == VS_METHOD_AGENT && taken->took > 0)
        g_array_append_val(stops->seen, seen);
}

/* A step before that by which it went off: it was in vain, but where the guest went down in the end
 * it may have done so for that. */
static void
take_vain(Stops *stops, const Story *story, unsigned i, const Taken *by)
{
    const Taken *taken = nth(story, i);
    bool forced = effect_of(by) >= VS_EFFECT_ENDS;
    int64_t least = forced ? a_little_more(by->started - taken->started)
                           : find_before(story) + story->took - taken->started;

    if (effect_of(taken) == VS_EFFECT_NONE)
        return;
    if (!was_in_vain(taken))
        add_refusal(stops, taken);
    else if (first_like(story, i) == i)
        add_time(stops, taken->method, least, VS_USEC_INFINITY, VS_USEC_INFINITY);
}

static void
take_steps(Stops *stops, const Story *story, unsigned number)
{
    const Taken *by = nth(story, number);
    int64_t before = effect_of(by) >= VS_EFFECT_ENDS ? 0 : find_before(story);
    int64_t took = before + story->took - by->started;

    for (unsigned i = 0; i < number; i++)
        take_vain(stops, story, i, by);
    add_time(stops, by->method, took, took, before + story->took - find_first(story));
}

/* Of what somebody else asked for it isn't known how, but for the agent and the button. */
static bool
take_press(Stops *stops, const Story *story)
{
    static const VsMethod others[] = {VS_METHOD_INITCTL, VS_METHOD_SIGNAL, VS_METHOD_PARAVIRT};
    int64_t took = story->took;

    if (story->cause == VS_CAUSE_POWER_BUTTON)
        add_time(stops, VS_METHOD_POWER_BUTTON, took, took, took);
    else if (story->cause == VS_CAUSE_GUEST_AGENT)
        add_time(stops, VS_METHOD_AGENT, took, took, took);
    else if (story->cause == VS_CAUSE_GUEST_REQUEST)
        for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
            add_time(stops, others[i], took, took, took);
    else
        return false;
    return true;
}

static void
take_down(Stops *stops, const Story *story)
{
    Down down = {.saved = story->cause == VS_CAUSE_SAVED, .took = story->took};

    if (story->cause != VS_CAUSE_DESTROYED && story->cause != VS_CAUSE_HOST_SIGNAL)
        g_array_append_val(stops->downs, down);
}

static void
take_story(Stops *stops, const Story *story)
{
    int by = story->taken->len > 0 ? find_by(story) : -1;

    if (by >= 0)
        take_steps(stops, story, (unsigned)by);
    else if (story->taken->len > 0 || !take_press(stops, story))
        return;
    stops->n++;
    take_down(stops, story);
}

void
vs_durations_take(VsDuration *past, json_object *record)
{
    const char *uuid = vs_json_string(vs_json_object(record, "domain"), "uuid", NULL);
    const char *uri = vs_json_string(record, "uri", NULL);
    Story story;

    if (read_story(record, &story) && uuid && uri)
        take_story(stops_of(past, uuid, uri), &story);
    g_array_unref(story.taken);
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

static void
tell_method(const Stops *stops, VsMethod method, VsAnswer *answer)
{
    VsAnswerTime last[VS_ANSWER_LAST];

    for (unsigned i = 0; i < stops->seen->len; i++) {
        const Seen *seen = &g_array_index(stops->seen, Seen, i);

        if (seen->method != method)
            continue;
        answer->refused = seen->refused;
        if (seen->refused > 0)
            continue;
        if (answer->n == 0 || seen->time.least > answer->slowest.least)
            answer->slowest = seen->time;
        last[answer->n++ % VS_ANSWER_LAST] = seen->time;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/simulation.h"

#include "util/span.h"

/* Between a guest's last chance to obey and its step's deadline. */
#define LAST_MOMENT 1000

/* Far enough from the beginning that all of the engine's spans before it are positive. */
#define BEGINNING (INT64_C(1000000) * VS_USEC_PER_SEC)

/* However it goes on, it ends: more than any budget. */
#define MAX_STEPS_PER_GUEST 200

typedef enum What { REPLY, OFF, DESTROYED } What;

/* Something that is to happen to a guest. */
typedef struct Future {
    int64_t at;
    unsigned guest;
    What what;
    uint64_t call; /* REPLY */
} Future;

static int
compare(const void *a, const void *b, void *userdata)
{
    const Future *one = a, *other = b;

    return one->at < other->at ? -1 : one->at > other->at;
}

static void
foresee(VsSimulation *simulation, unsigned guest, What what, int64_t at, uint64_t call)
{
    Future *future = g_new(Future, 1);

    *future = (Future){.at = at, .guest = guest, .what = what, .call = call};
    g_sequence_insert_sorted(simulation->future, future, compare, NULL);
}

static unsigned
number_of(const VsSimulation *simulation, const VsDomainId *domain)
{
    g_autofree char *key = g_strconcat(domain->uuid.text, " ", domain->uri, NULL);

    return GPOINTER_TO_UINT(g_hash_table_lookup(simulation->index, key)) - 1;
}

static const VsGuest *
guest_of(const VsSimulation *simulation, unsigned i)
{
    const VsDomainId *domain = &simulation->guests[i].info.domain;

    return vs_engine_find(simulation->engine, domain->uri, domain->uuid.text);
}

/* It goes down a while after it was first asked; of one that was never seen, nobody knows better
 * than that its ladder is long enough. */
static void
obey(VsSimulation *simulation, unsigned i)
{
    const VsStop *stop = guest_of(simulation, i)->stop;
    int64_t median = simulation->guests[i].median, at = 0;
    unsigned asking = stop->ladder.n_steps - (vs_ladder_forces(&stop->ladder) ? 1 : 0);

    if (median > 0 && stop->taken->len <= stop->step + 1 && simulation->results[i].end == 0)
        at = simulation->now.mono + median;
    else if (median == 0 && (stop->step + 1 >= asking ||
                             stop->ladder.steps[stop->step + 1].method == VS_METHOD_LEAVE))
        at = stop->deadline - LAST_MOMENT;
    if (at == 0)
        return;
    simulation->results[i].end = at; /* until it is known */
    foresee(simulation, i, OFF, at, 0);
}

static void
take_call(VsSimulation *simulation, const VsAction *action)
{
    unsigned i = number_of(simulation, &action->domain);

    foresee(simulation, i, REPLY, simulation->now.mono, action->call);
    if (action->method == VS_METHOD_DESTROY)
        foresee(simulation, i, DESTROYED,
                simulation->now.mono + (simulation->obey ? VS_USEC_PER_SEC : VS_DESTROY_RESERVE),
                0);
    else if (simulation->obey && action->method != VS_METHOD_RESUME)
        obey(simulation, i);
}

static void
take_outcome(VsSimulation *simulation, const VsAction *action)
{
    VsSimulated *result = &simulation->results[number_of(simulation, &action->domain)];

    result->outcome = action->outcome;
    result->end = simulation->now.mono - BEGINNING;
    simulation->total = MAX(simulation->total, result->end);
}

static void
take_record(VsSimulation *simulation, const VsRecord *record)
{
    VsSimulated *result = &simulation->results[number_of(simulation, &record->domain)];

    result->request = json_object_get(record->request);
    result->start = simulation->now.mono - BEGINNING - record->took;
}

static void step(VsSimulation *simulation, const VsEvent *event);

static void
take_action(VsSimulation *simulation, const VsAction *action)
{
    VsEvent log = {.type = VS_EVENT_LOG, .domain = &action->domain};

    switch (action->type) {
    case VS_ACTION_LIST:
        simulation->list = action->serial;
        break;
    case VS_ACTION_CALL:
        take_call(simulation, action);
        break;
    case VS_ACTION_READ_LOG:
        step(simulation, &log);
        break;
    case VS_ACTION_RECORD:
        take_record(simulation, action->record);
        break;
    case VS_ACTION_STOP_FINISHED:
        take_outcome(simulation, action);
        break;
    default:
        break;
    }
}

static void
step(VsSimulation *simulation, const VsEvent *event)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();

    vs_engine_step(simulation->engine, event, simulation->now, actions, NULL);
    for (unsigned i = 0; i < actions->len; i++)
        take_action(simulation, actions->pdata[i]);
}

static void
happen(VsSimulation *simulation, const Future *future)
{
    const VsPlanGuest *guest = &simulation->guests[future->guest];
    VsEvent event = {.domain = &guest->info.domain};

    if (!guest_of(simulation, future->guest)->run)
        return;
    if (future->what == REPLY) {
        event.type = VS_EVENT_REPLY;
        event.reply.call = future->call;
        event.reply.ok = true;
        step(simulation, &event);
        return;
    }
    event.type = VS_EVENT_LIFECYCLE;
    if (future->what == OFF) {
        event.lifecycle.type = VS_LIFECYCLE_SHUTDOWN;
        event.lifecycle.detail = VS_SHUTDOWN_GUEST;
        step(simulation, &event);
    }
    event.lifecycle.type = VS_LIFECYCLE_STOPPED;
    event.lifecycle.detail = future->what == OFF ? VS_STOPPED_SHUTDOWN : VS_STOPPED_DESTROYED;
    step(simulation, &event);
}

static void
list(VsSimulation *simulation, const char *uri)
{
    VsEvent opened = {.type = VS_EVENT_CONNECTION, .uri = uri, .connection.open = true};
    VsEvent listed = {.type = VS_EVENT_LISTED, .uri = uri};
    g_autoptr(GArray) infos = g_array_new(FALSE, FALSE, sizeof(VsDomainInfo));

    for (unsigned i = 0; i < simulation->n_guests; i++)
        if (g_str_equal(simulation->guests[i].info.domain.uri, uri))
            g_array_append_val(infos, simulation->guests[i].info);
    step(simulation, &opened);
    simulation->now.mono += 20 * VS_USEC_PER_SEC; /* it is settled, and not listed again */
    listed.listed.domains = (const VsDomainInfo *)infos->data;
    listed.listed.n_domains = infos->len;
    listed.listed.serial = simulation->list;
    step(simulation, &listed);
    for (unsigned i = 0; i < 5; i++) { /* as often as the engine asks */
        VsEvent timer = {.type = VS_EVENT_TIMER};

        step(simulation, &timer);
        listed.listed.serial = simulation->list;
        step(simulation, &listed);
    }
}

static void
list_all(VsSimulation *simulation)
{
    g_autoptr(GHashTable) uris = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < simulation->n_guests; i++) {
        const VsDomainId *domain = &simulation->guests[i].info.domain;

        g_hash_table_insert(simulation->index,
                            g_strconcat(domain->uuid.text, " ", domain->uri, NULL),
                            GUINT_TO_POINTER(i + 1));
        if (g_hash_table_add(uris, domain->uri))
            list(simulation, domain->uri);
    }
}

static void
note_waits(VsSimulation *simulation)
{
    for (unsigned i = 0; i < simulation->n_guests; i++) {
        const VsGuest *other = vs_engine_waits_for(simulation->engine, guest_of(simulation, i));

        simulation->results[i].waits_for = other ? g_strdup(other->domain.name) : NULL;
    }
}

static void
play(VsSimulation *simulation)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};
    uint64_t left = (uint64_t)simulation->n_guests * MAX_STEPS_PER_GUEST + 1000;

    while (vs_engine_is_stopping_all(simulation->engine) && left-- > 0) {
        GSequenceIter *first = g_sequence_get_begin_iter(simulation->future);
        const Future *future =
            g_sequence_iter_is_end(first) ? NULL : (const Future *)g_sequence_get(first);
        int64_t due = vs_engine_next_timer(simulation->engine);

        if (!future && due == VS_USEC_INFINITY)
            return; /* somebody's ladder has no end */
        simulation->now.mono = MAX(simulation->now.mono, future ? MIN(future->at, due) : due);
        simulation->now.real = simulation->now.mono;
        if (!future || due < future->at) {
            step(simulation, &timer);
            continue;
        }
        Future now = *future;
        g_sequence_remove(first);
        happen(simulation, &now);
    }
}

void
vs_simulation_run(VsSimulation *simulation, const VsPolicy *policy, int64_t budget)
{
    static const uint8_t seed[16];
    VsEvent stop_all = {.type = VS_EVENT_STOP_ALL, .stop_all.budget = budget};

    simulation->results = g_new0(VsSimulated, simulation->n_guests);
    simulation->future = g_sequence_new(g_free);
    simulation->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    simulation->engine = vs_engine_new(seed, policy);
    vs_engine_set_simulated(simulation->engine);
    list_all(simulation);
    simulation->now = (VsTime){.mono = BEGINNING, .real = BEGINNING};
    step(simulation, &stop_all);
    simulation->budget = vs_engine_time_for_all(simulation->engine, BEGINNING);
    note_waits(simulation);
    play(simulation);
}

void
vs_simulation_clear(VsSimulation *simulation)
{
    for (unsigned i = 0; i < simulation->n_guests; i++) {
        g_free(simulation->results[i].waits_for);
        json_object_put(simulation->results[i].request);
    }
    g_free(simulation->results);
    g_sequence_free(simulation->future);
    g_hash_table_unref(simulation->index);
    vs_engine_free(simulation->engine);
}

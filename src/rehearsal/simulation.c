/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/simulation.h"

#include "engine/stop-text.h"
#include "util/span.h"

/* Between a paused guest's last chance to run and that step's deadline. */
#define LAST_MOMENT 1000

/* What libvirt takes until it says that an agent doesn't answer, of which nothing else is made. */
#define REFUSAL_TIME (5 * VS_USEC_PER_SEC)

/* Far enough from the beginning that all of the engine's spans before it are positive. */
#define BEGINNING (INT64_C(1000000) * VS_USEC_PER_SEC)

/* However it goes on, it ends: more than any budget. */
#define MAX_STEPS_PER_GUEST 200

typedef enum What { REPLY, REFUSAL, RESUMED, OFF, DESTROYED, LOG } What;

/* Something that is to happen to a guest. */
typedef struct Future {
    int64_t at;
    unsigned guest;
    What what;
    uint64_t call; /* REPLY, REFUSAL */
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
    g_autofree char *key = vs_domain_key(domain->uri, domain->uuid.text);

    return GPOINTER_TO_UINT(g_hash_table_lookup(simulation->index, key)) - 1;
}

static const VsGuest *
guest_of(const VsSimulation *simulation, unsigned i)
{
    const VsDomainId *domain = &simulation->guests[i].info.domain;

    return vs_engine_find(simulation->engine, domain->uri, domain->uuid.text);
}

/* What it is asked may only have it go off sooner; being ended, it does nothing more by itself. */
static void
answer(VsSimulation *simulation, unsigned i, VsMethod method)
{
    VsSimulated *result = &simulation->results[i];
    bool ends = vs_method_info(method)->effect >= VS_EFFECT_ENDS;
    int64_t now = simulation->now.mono, at;

    at = vs_past_off_at(&simulation->guests[i].past, simulation->pace, method, result->first, now);
    if (at == VS_USEC_INFINITY || (!ends && at >= result->off))
        return;
    result->off = at;
    foresee(simulation, i, ends ? DESTROYED : OFF, at, 0);
}

/* How long libvirt takes to refuse it, as it did the last time; 0: it doesn't. */
static int64_t
refused_after(const VsSimulation *simulation, unsigned i, VsMethod method)
{
    bool never = simulation->pace == VS_PACE_NEVER || method >= VS_ANSWER_METHODS;

    return never ? 0 : simulation->guests[i].past.answers[method].refused;
}

static void
note_start(const VsSimulation *simulation, VsSimulated *result)
{
    if (result->start == VS_USEC_INFINITY)
        result->start = simulation->now.mono - BEGINNING;
}

/* The worst of a guest that was paused is that it runs at last, and then does nothing. */
static void
take_call(VsSimulation *simulation, const VsAction *action)
{
    unsigned i = number_of(simulation, &action->domain);
    const VsStop *stop = guest_of(simulation, i)->stop;
    int64_t now = simulation->now.mono, refused = refused_after(simulation, i, action->method);

    note_start(simulation, &simulation->results[i]);
    if (vs_method_info(action->method)->effect != VS_EFFECT_NONE)
        simulation->results[i].first = MIN(simulation->results[i].first, now);
    foresee(simulation, i, refused > 0 ? REFUSAL : REPLY, now + refused, action->call);
    if (action->method == VS_METHOD_RESUME || action->method == VS_METHOD_WAKE)
        foresee(simulation, i, RESUMED,
                simulation->pace == VS_PACE_NEVER ? stop->deadline - LAST_MOMENT : now, 0);
    else if (refused == 0)
        answer(simulation, i, action->method);
}

/* What each step came to is told of the expected only. */
static void
keep_request(const VsSimulation *simulation, unsigned i, json_object *request)
{
    if (simulation->pace == VS_PACE_USUAL && !simulation->results[i].request)
        simulation->results[i].request = json_object_get(request);
}

/* Of a guest that is left running there is no record, but its run remembers. */
static void
take_outcome(VsSimulation *simulation, const VsAction *action)
{
    unsigned i = number_of(simulation, &action->domain);
    const VsGuest *guest = guest_of(simulation, i);
    VsSimulated *result = &simulation->results[i];

    note_start(simulation, result);
    if (guest && guest->run)
        keep_request(simulation, i, guest->run->past_request);
    result->outcome = action->outcome;
    result->end = simulation->now.mono - BEGINNING;
    simulation->total = MAX(simulation->total, result->end);
}

static void
take_action(VsSimulation *simulation, const VsAction *action)
{
    switch (action->type) {
    case VS_ACTION_LIST:
        simulation->list = action->serial;
        break;
    case VS_ACTION_STOP_ADDED:
        simulation->results[number_of(simulation, &action->domain)].takes_part = true;
        break;
    case VS_ACTION_CALL:
        take_call(simulation, action);
        break;
    case VS_ACTION_READ_LOG:
        foresee(simulation, number_of(simulation, &action->domain), LOG, simulation->now.mono, 0);
        break;
    case VS_ACTION_RECORD:
        keep_request(simulation, number_of(simulation, &action->domain), action->record->request);
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
step_lifecycle(VsSimulation *simulation, unsigned i, VsLifecycle type, int detail)
{
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &simulation->guests[i].info.domain};

    event.lifecycle.type = type;
    event.lifecycle.detail = detail;
    step(simulation, &event);
}

static void
go_off(VsSimulation *simulation, unsigned i)
{
    const VsStep *at = vs_stop_step(guest_of(simulation, i)->stop);

    if (at && vs_method_info(at->method)->effect == VS_EFFECT_SAVES) {
        step_lifecycle(simulation, i, VS_LIFECYCLE_STOPPED, VS_STOPPED_SAVED);
        return;
    }
    step_lifecycle(simulation, i, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    step_lifecycle(simulation, i, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
}

static void
happen(VsSimulation *simulation, const Future *future)
{
    const VsGuest *guest = guest_of(simulation, future->guest);
    VsEvent event = {.domain = &simulation->guests[future->guest].info.domain};

    if (!guest || !guest->stop)
        return; /* its stop is over, whatever it does now */
    if ((future->what == OFF || future->what == DESTROYED) &&
        future->at != simulation->results[future->guest].off)
        return; /* it goes off otherwise */
    switch (future->what) {
    case REPLY:
        event.type = VS_EVENT_REPLY;
        event.reply.call = future->call;
        event.reply.ok = true;
        step(simulation, &event);
        break;
    case REFUSAL:
        event.type = VS_EVENT_REPLY;
        event.reply.call = future->call;
        event.reply.code = VS_LIBVIRT_AGENT_UNRESPONSIVE;
        event.reply.message = "refused, as before";
        event.reply.took = REFUSAL_TIME;
        step(simulation, &event);
        break;
    case LOG:
        event.type = VS_EVENT_LOG;
        step(simulation, &event);
        break;
    case RESUMED:
        step_lifecycle(simulation, future->guest, VS_LIFECYCLE_RESUMED, 0);
        break;
    case OFF:
        go_off(simulation, future->guest);
        break;
    case DESTROYED:
        step_lifecycle(simulation, future->guest, VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
        break;
    }
}

/* The engine asks for some lists, until libvirt has settled: the last one is enough. */
static void
list(VsSimulation *simulation, const char *uri)
{
    VsEvent opened = {.type = VS_EVENT_CONNECTION, .uri = uri, .connection.open = true};
    VsEvent listed = {.type = VS_EVENT_LISTED, .uri = uri}, timer = {.type = VS_EVENT_TIMER};
    g_autoptr(GArray) infos = g_array_new(FALSE, FALSE, sizeof(VsDomainInfo));

    for (unsigned i = 0; i < simulation->n_guests; i++)
        if (g_str_equal(simulation->guests[i].info.domain.uri, uri)) {
            g_array_append_val(infos, simulation->guests[i].info);
            /* What isn't known stays so: nobody will tell. */
            g_array_index(infos, VsDomainInfo, infos->len - 1).described = true;
        }
    step(simulation, &opened);
    simulation->now.mono += 20 * VS_USEC_PER_SEC;
    while (vs_engine_next_timer(simulation->engine) != VS_USEC_INFINITY)
        step(simulation, &timer);
    listed.listed.domains = (const VsDomainInfo *)infos->data;
    listed.listed.n_domains = infos->len;
    listed.listed.serial = simulation->list;
    step(simulation, &listed);
}

/* What the guest's XML says of its policy. */
static void
label(VsSimulation *simulation, const VsPlanGuest *guest)
{
    VsEvent event = {
        .type = VS_EVENT_LABELLED,
        .domain = &guest->info.domain,
        .labelled.labels = guest->labels,
    };

    if (guest->labels)
        step(simulation, &event);
}

static void
list_all(VsSimulation *simulation)
{
    g_autoptr(GHashTable) uris = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < simulation->n_guests; i++) {
        const VsDomainId *domain = &simulation->guests[i].info.domain;

        g_hash_table_insert(simulation->index, vs_domain_key(domain->uri, domain->uuid.text),
                            GUINT_TO_POINTER(i + 1));
        if (g_hash_table_add(uris, domain->uri))
            list(simulation, domain->uri);
    }
    for (unsigned i = 0; i < simulation->n_guests; i++)
        label(simulation, &simulation->guests[i]);
}

static void
note_waits(VsSimulation *simulation)
{
    for (unsigned i = 0; i < simulation->n_guests; i++) {
        const VsGuest *guest = guest_of(simulation, i), *other;

        if (!guest || !guest->stop)
            continue;
        other = vs_engine_waits_for(simulation->engine, guest);
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
            return;
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

/* Somebody's ladder has no end, and so nobody's has that waits for him. */
static void
note_endless(VsSimulation *simulation)
{
    for (unsigned i = 0; i < simulation->n_guests; i++) {
        VsSimulated *result = &simulation->results[i];

        if (!result->takes_part || result->outcome != VS_OUTCOME_NONE)
            continue;
        simulation->total = result->end = VS_USEC_INFINITY;
        if (result->start != VS_USEC_INFINITY)
            result->request = vs_stop_request(guest_of(simulation, i)->stop, VS_OUTCOME_NONE);
    }
}

static void
forget(VsSimulation *simulation)
{
    g_clear_pointer(&simulation->future, g_sequence_free);
    g_clear_pointer(&simulation->index, g_hash_table_unref);
    g_clear_pointer(&simulation->engine, vs_engine_free);
}

void
vs_simulation_run(VsSimulation *simulation, const VsPolicy *policy, int64_t budget)
{
    static const uint8_t seed[16];
    VsEvent stop_all = {.type = VS_EVENT_STOP_ALL, .stop_all.budget = budget};

    simulation->results = g_new0(VsSimulated, simulation->n_guests);
    for (unsigned i = 0; i < simulation->n_guests; i++)
        simulation->results[i].start = simulation->results[i].first = simulation->results[i].off =
            VS_USEC_INFINITY;
    simulation->future = g_sequence_new(g_free);
    simulation->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    simulation->engine = vs_engine_new(seed, policy);
    vs_engine_set_simulated(simulation->engine);
    vs_engine_set_hooks(simulation->engine, simulation->hooks);
    list_all(simulation);
    simulation->now = (VsTime){.mono = BEGINNING, .real = BEGINNING};
    step(simulation, &stop_all);
    simulation->budget = vs_engine_time_for_all(simulation->engine, BEGINNING);
    if (simulation->pace == VS_PACE_USUAL)
        note_waits(simulation);
    play(simulation);
    note_endless(simulation);
    forget(simulation);
}

void
vs_simulation_clear(VsSimulation *simulation)
{
    for (unsigned i = 0; i < simulation->n_guests; i++) {
        g_free(simulation->results[i].waits_for);
        json_object_put(simulation->results[i].request);
    }
    g_free(simulation->results);
}

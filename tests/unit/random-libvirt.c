/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* libvirt sends events in their order; an answer stands among them where it was made. What is on
 * its way when the connection breaks is lost. */

void
sim_message_free(void *data)
{
    Message *message = data;

    for (unsigned i = 0; i < message->n_infos; i++)
        vs_domain_info_clear(&message->infos[i]);
    g_free(message);
}

bool
message_is_event(const Message *message)
{
    return message->type == EVENT_LIFECYCLE || message->type == EVENT_QMP ||
           message->type == EVENT_REBOOT || message->type == EVENT_AGENT ||
           message->type == EVENT_WATCHDOG;
}

Message *
message_new(World *world, MessageType type, SimHost *host, SimGuest *guest, int64_t delay)
{
    Message *message = g_new0(Message, 1);

    message->type = type;
    message->guest = guest;
    message->host = host;
    message->generation = host->generation;
    message->epoch = world->epoch;
    message->sent = world->now.mono;
    message->at = world->now.mono + delay;
    message->order = ++world->order;
    message->id = guest ? guest->domain.id : -1;
    if (guest && guest->runs->len > 0)
        message->run = guest->runs->pdata[guest->runs->len - 1];
    g_ptr_array_add(world->messages, message);
    return message;
}

/* Down the wire, behind all that was sent before. */
Message *
message_send(World *world, MessageType type, SimHost *host, SimGuest *guest)
{
    static const int latency[] = {0, 0, 0, 1, 5, 100, 2000};
    int pick = g_rand_int_range(world->chance, 0, G_N_ELEMENTS(latency));
    Message *message = message_new(world, type, host, guest, latency[pick] * MSEC);

    if (world->kinds & KIND_LATE)
        message->at = sim_delivery(world, host, !message_is_event(message), message->at);
    else
        message->at = host->last_delivery = MAX(message->at, host->last_delivery);
    return message;
}

void
sim_open(World *world, SimHost *host)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = host->uri, .connection.open = true};

    world_tell(world, "%s opens", host->uri);
    host->up = true;
    host->generation++;
    host->last_delivery = host->last_answer = host->held_until = world->now.mono;
    if (world->kinds & KIND_LATE)
        sim_unrest(world, host);
    world_step(world, &event);
}

void
sim_close(World *world, SimHost *host)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = host->uri};

    world_tell(world, "%s closes", host->uri);
    host->up = false;
    host->generation++;
    world_step(world, &event);
}

static void
describe(const SimGuest *guest, VsDomainInfo *ret)
{
    vs_domain_id_copy(&ret->domain, &guest->domain);
    ret->state = guest->state;
    ret->reason = guest->reason;
    ret->agent = guest->agent;
    ret->persistent = !guest->transient;
    if (guest->transient && !sim_is_on(guest))
        ret->state = VS_STATE_GONE;
}

static void
make_list(World *world, const Message *question)
{
    Message *answer = message_send(world, ANSWER_LIST, question->host, NULL);

    answer->serial = question->serial;
    for (int i = 0; i < N_GUESTS; i++) {
        if (world->guests[i].host == question->host &&
            (!world->guests[i].transient || sim_is_on(&world->guests[i])))
            describe(&world->guests[i], &answer->infos[answer->n_infos++]);
    }
}

static void
make_look_up(World *world, const Message *question)
{
    Message *answer = message_send(world, ANSWER_LOOK_UP, question->host, question->guest);

    answer->serial = question->serial;
    describe(question->guest, &answer->infos[answer->n_infos++]);
}

static void
answer_call(World *world, const Message *question, bool ok, int code, int64_t delay)
{
    Message *answer;

    if (world_chance(world, 3))
        return; /* never */
    answer = message_new(world, ANSWER_CALL, question->host, question->guest, delay);
    answer->call = question->call;
    answer->method = question->method;
    answer->asked = question->asked;
    answer->ok = ok;
    answer->code = code;
    answer->still_there = question->method == VS_METHOD_DESTROY && world_chance(world, 3);
}

static void
ask_agent(World *world, const Message *question)
{
    SimGuest *guest = question->guest;

    if (world_chance(world, 10)) {
        answer_call(world, question, false, VS_LIBVIRT_AGENT_UNRESPONSIVE, 5 * SEC);
    } else if (guest->agent != VS_AGENT_CONNECTED || world_chance(world, 5)) {
        answer_call(world, question, false, VS_LIBVIRT_AGENT_UNRESPONSIVE, MSEC);
    } else {
        bool obeys = world_chance(world, 50);

        if (obeys)
            message_new(world, GUEST_DOWN, guest->host, guest, world_span(world))->why = FOR_AGENT;
        answer_call(world, question, obeys && world_chance(world, 50),
                    VS_LIBVIRT_AGENT_UNRESPONSIVE, obeys ? MSEC : SEC);
    }
}

static void
save(World *world, const Message *question)
{
    bool works = world_chance(world, 40);

    sim_save(world, question->guest, works);
    answer_call(world, question, works, VS_LIBVIRT_OPERATION_FAILED, works ? 3 * SEC : 2500 * MSEC);
}

/* The answer to that comes always: else the restore would wait for ever. */
static void
make_start(World *world, const Message *question)
{
    SimGuest *guest = question->guest;
    bool works = question->method == VS_METHOD_START ? !sim_is_on(guest) : sim_is_on(guest);
    Message *answer;

    works = works && world_chance(world, 90);
    if (works && question->method == VS_METHOD_START)
        sim_boot(world, guest);
    answer = message_new(world, ANSWER_CALL, question->host, guest, world_span(world) % (5 * SEC));
    answer->call = question->call;
    answer->method = question->method;
    answer->asked = question->asked;
    answer->ok = works;
    answer->code = VS_LIBVIRT_OPERATION_FAILED;
}

static void
note_reached(World *world, const Message *question)
{
    SimStop *stop = question->guest->stop;

    if (stop)
        stop->reached[question->method] = true;
    if ((world->kinds & KIND_PAUSES) &&
        (question->method == VS_METHOD_AGENT || question->method == VS_METHOD_POWER_BUTTON))
        sim_shoot_later(world, question->guest);
}

static void
make_call(World *world, const Message *question)
{
    SimGuest *guest = question->guest;

    note_reached(world, question);
    if (question->method == VS_METHOD_START || question->method == VS_METHOD_SET_CLOCK) {
        make_start(world, question);
    } else if (!sim_is_on(guest)) {
        answer_call(world, question, false, VS_LIBVIRT_OPERATION_INVALID, MSEC);
    } else if (question->method == VS_METHOD_AGENT) {
        ask_agent(world, question);
    } else if (question->method == VS_METHOD_RESUME) {
        sim_pause(world, guest, false);
        answer_call(world, question, true, 0, MSEC);
    } else if (question->method == VS_METHOD_POWER_BUTTON) {
        bool busy = world_chance(world, 10);

        if (!busy)
            sim_press(world, guest);
        answer_call(world, question, !busy, VS_LIBVIRT_OPERATION_TIMEOUT, busy ? 30 * SEC : MSEC);
    } else if (question->method == VS_METHOD_SAVE) {
        save(world, question);
    } else if (world_chance(world, 5)) {
        answer_call(world, question, false, VS_LIBVIRT_OPERATION_FAILED, 40 * SEC);
    } else {
        sim_end(world, guest, TRUTH_DESTROYED);
        answer_call(world, question, true, 0, world_span(world) % (15 * SEC));
    }
}

static Message *
ask(World *world, MessageType type, const VsAction *action, SimHost *host, SimGuest *guest)
{
    Message *message = message_new(world, type, host, guest, world_chance(world, 80) ? 0 : 3 * SEC);

    message->serial = action->serial;
    message->call = action->call;
    message->method = action->method;
    message->asked = world->now.mono;
    return message;
}

static SimHost *
find_host(World *world, const char *uri)
{
    for (int i = 0; i < N_HOSTS; i++) {
        if (g_str_equal(world->hosts[i].uri, uri))
            return &world->hosts[i];
    }
    world_fail(world, "an action for %s", uri);
}

/* What is busy with others makes it later. */
static void
hold_call(World *world, Message *call)
{
    Message *word = message_new(world, HOLD_CALL, call->host, call->guest, 0);

    word->call = call->call;
    if (call->guest->stop)
        call->guest->stop->held[call->method] = true;
    call->held = true;
    call->at += world_span(world);
}

static void
make_or_hold(World *world, Message *call)
{
    if (world_chance(world, 10))
        hold_call(world, call);
}

static void
deliver_held(World *world, const Message *message, bool held)
{
    VsEvent event = {.type = VS_EVENT_CALL_HELD, .domain = &message->guest->domain};

    world_tell(world, "the call to %s %s", message->guest->domain.name, held ? "waits" : "begins");
    event.held.call = message->call;
    event.held.held = held;
    world_step(world, &event);
}

/* Its step has its time from then on. */
static void
begin_held(World *world, const Message *message)
{
    int64_t waited = world->now.mono - message->asked;

    for (unsigned i = 0; i < message->guest->runs->len; i++) {
        SimRun *run = message->guest->runs->pdata[i];

        if (run->agent_until > 0)
            run->agent_until += waited;
        if (run->button_until > 0)
            run->button_until += waited;
    }
    deliver_held(world, message, false);
}

/* Nothing is sure to be explained by that any more. */
static void
note_not_asked(SimGuest *guest, VsMethod method)
{
    for (unsigned i = 0; i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (method == VS_METHOD_AGENT)
            run->agent_least = 0;
        else if (method == VS_METHOD_POWER_BUTTON)
            run->button_least = 0;
    }
}

static void
withdraw(World *world, const VsAction *action)
{
    SimStop *stop = world_guest(world, &action->domain)->stop;

    for (unsigned i = world->messages->len; i > 0; i--) {
        const Message *message = world->messages->pdata[i - 1];

        if ((message->type != MAKE_CALL && message->type != HOLD_CALL) ||
            message->call != action->call || message->epoch != world->epoch)
            continue;
        if (stop && stop->waiting[action->method] == action->call)
            stop->waiting[action->method] = 0;
        note_not_asked(message->guest, action->method);
        g_ptr_array_remove_index(world->messages, i - 1);
    }
}

void
sim_carry_out(World *world, const VsAction *action)
{
    SimHost *host = find_host(world, action->domain.uri);

    if (action->type == VS_ACTION_LIST)
        ask(world, MAKE_LIST, action, host, NULL);
    else if (action->type == VS_ACTION_LOOK_UP && host->up)
        ask(world, MAKE_LOOK_UP, action, host, world_guest(world, &action->domain));
    else if (action->type == VS_ACTION_CALL)
        make_or_hold(world,
                     ask(world, MAKE_CALL, action, host, world_guest(world, &action->domain)));
    else if (action->type == VS_ACTION_WITHDRAW)
        withdraw(world, action);
    else if (action->type == VS_ACTION_READ_LOG && world_chance(world, 95))
        message_new(world, ANSWER_LOG, host, world_guest(world, &action->domain),
                    world_chance(world, 90) ? MSEC : SEC);
}

static unsigned
next_index(const World *world)
{
    unsigned best = 0;

    for (unsigned i = 1; i < world->messages->len; i++) {
        const Message *one = world->messages->pdata[i], *other = world->messages->pdata[best];

        if (one->at < other->at || (one->at == other->at && one->order < other->order))
            best = i;
    }
    return best;
}

int64_t
sim_next(const World *world)
{
    if (world->messages->len == 0)
        return INT64_MAX;
    return ((Message *)world->messages->pdata[next_index(world)])->at;
}

static void
deliver_answer(World *world, Message *message)
{
    VsEvent event = {.domain = message->guest ? &message->guest->domain : NULL};

    sim_note_described(world, message);
    if (message->type == ANSWER_LIST) {
        event.type = VS_EVENT_LISTED;
        event.uri = message->host->uri;
        event.listed.domains = message->infos;
        event.listed.n_domains = message->n_infos;
        event.listed.serial = message->serial;
    } else if (message->type == ANSWER_LOOK_UP) {
        event.type = VS_EVENT_LOOKED_UP;
        event.looked_up.info = &message->infos[0];
        event.looked_up.serial = message->serial;
    } else {
        event.type = VS_EVENT_LOG;
        g_ptr_array_add(message->guest->log, NULL);
        event.log.lines = (char *const *)message->guest->log->pdata;
    }
    world_step(world, &event);
    if (message->type == ANSWER_LOG)
        g_ptr_array_remove_index(message->guest->log, message->guest->log->len - 1);
}

static void
deliver_reply(World *world, const Message *message)
{
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &message->guest->domain};
    bool lost = message->generation != message->host->generation;
    SimStop *stop = message->guest->stop;

    world_tell(world, "reply %d of %s: %s", message->method, message->guest->domain.name,
               lost          ? "lost"
               : message->ok ? "ok"
                             : "failed");
    if (stop && stop->waiting[message->method] == message->call)
        stop->waiting[message->method] = 0;
    if (!message->ok)
        note_not_asked(message->guest, message->method);
    if (stop && !message->ok)
        stop->disturbed = true;
    if (stop && !lost && !message->ok) {
        stop->no_agent |= message->method == VS_METHOD_AGENT;
        stop->no_button |= message->method == VS_METHOD_POWER_BUTTON &&
                           message->code != VS_LIBVIRT_OPERATION_TIMEOUT;
    }
    event.reply.call = message->call;
    event.reply.ok = message->ok && !lost;
    event.reply.code = message->code;
    event.reply.took = world->now.mono - message->asked;
    event.reply.lost = lost;
    event.reply.still_there = message->still_there && !lost;
    if (world->starting == message->call)
        world->starting = 0;
    world_step(world, &event);
    if (world_chance(world, 5))
        world_step(world, &event); /* twice */
}

static void
tell_event(World *world, const Message *message)
{
    const char *word = message->type == EVENT_QMP         ? message->qmp
                       : message->type == EVENT_LIFECYCLE ? vs_lifecycle_name(message->lifecycle)
                       : message->type == EVENT_AGENT     ? vs_agent_state_name(message->agent)
                       : message->type == EVENT_WATCHDOG  ? vs_watchdog_name(message->detail)
                                                          : "reboot";

    world_tell(world, "told of %s, id %d: %s, %.3f s late", message->guest->domain.name,
               message->id, word, (double)(world->now.mono - message->sent) / 1e6);
}

static void
deliver_event(World *world, const Message *message)
{
    VsDomainId domain = message->guest->domain;
    VsEvent event = {.domain = &domain};

    domain.id = message->id;
    if (world->kinds != 0)
        tell_event(world, message);
    sim_note_told(world, message);
    if (message->type == EVENT_LIFECYCLE) {
        event.type = VS_EVENT_LIFECYCLE;
        event.lifecycle.type = message->lifecycle;
        event.lifecycle.detail = message->detail;
    } else if (message->type == EVENT_QMP) {
        event.type = VS_EVENT_QMP;
        event.qmp.event = message->qmp;
        event.qmp.details = message->data;
    } else if (message->type == EVENT_AGENT) {
        event.type = VS_EVENT_AGENT;
        event.agent.state = message->agent;
    } else if (message->type == EVENT_WATCHDOG) {
        event.type = VS_EVENT_WATCHDOG;
        event.watchdog.action = message->detail;
    } else {
        event.type = VS_EVENT_REBOOT;
    }
    world_step(world, &event);
    world->forgetting = NULL;
}

static void
make_answer(World *world, const Message *message)
{
    if (message->type == MAKE_LIST)
        make_list(world, message);
    else if (message->type == MAKE_LOOK_UP)
        make_look_up(world, message);
    else
        make_call(world, message);
}

static void
sim_goes_on(World *world, const Message *message)
{
    SimGuest *guest = message->guest;

    if (message->type == GUEST_BOOTS)
        sim_boot(world, guest);
    else if (message->type == GUEST_ENDS)
        sim_end(world, guest, message->truth);
    else if (message->type == GUEST_SNAPSHOT)
        sim_snapshot(world, guest);
    else if (message->type == GUEST_RESUMED)
        sim_pause(world, guest, false);
    else
        sim_begin_anew(world, guest);
}

void
sim_deliver(World *world)
{
    Message *message = g_ptr_array_steal_index(world->messages, next_index(world));
    bool broken = message->generation != message->host->generation;
    bool of_dead = message->epoch != world->epoch;
    bool is_same_run = message->guest && message->guest->domain.id == message->id;

    switch (message->type) {
    case GUEST_DOWN:
        if (is_same_run)
            sim_down(world, message->guest, message->why);
        break;
    case GUEST_GONE:
        if (is_same_run && sim_is_on(message->guest))
            sim_gone(world, message->guest, message->truth);
        break;
    case GUEST_BOOTS:
    case GUEST_ENDS:
    case GUEST_SNAPSHOT:
    case GUEST_RESUMED:
    case GUEST_RESETS:
        if (is_same_run)
            sim_goes_on(world, message);
        break;
    case MAKE_LIST:
    case MAKE_LOOK_UP:
    case MAKE_CALL:
        if (!broken && !of_dead && message->held)
            begin_held(world, message);
        if (!broken && !of_dead && message->epoch == world->epoch)
            make_answer(world, message);
        else if (message->type == MAKE_CALL && !of_dead)
            deliver_reply(world, message);
        break;
    case HOLD_CALL:
        if (!broken && !of_dead)
            deliver_held(world, message, true);
        break;
    case ANSWER_CALL:
        if (!of_dead)
            deliver_reply(world, message);
        break;
    case ANSWER_LIST:
    case ANSWER_LOOK_UP:
        if (!of_dead && !broken)
            deliver_answer(world, message);
        break;
    case ANSWER_LOG:
        if (!of_dead)
            deliver_answer(world, message);
        break;
    default:
        if (!of_dead && !broken)
            deliver_event(world, message);
        break;
    }
    sim_message_free(message);
}

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
    if (message->run)
        message->n_resets = message->run->n_resets;
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
    host->up_since = world->now.mono;
    host->generation++;
    host->last_delivery = host->last_answer = host->held_until = world->now.mono;
    if (world->kinds & KIND_LATE)
        sim_unrest(world, host);
    world_step(world, &event);
}

/* A stop that is still in flight may wait for a sign of life before it gives its guest up: what it
 * asked for stands until then. */
static void
note_in_flight(const World *world, const SimGuest *guest)
{
    for (unsigned i = 0; guest->stop && !guest->stop->finished && i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (run->agent_until > 0)
            run->agent_until = MAX(run->agent_until, world->now.mono + 1);
        if (run->button_until > 0)
            run->button_until = MAX(run->button_until, world->now.mono + 1);
    }
}

void
sim_begin_gap(World *world, SimHost *host)
{
    for (int i = 0; i < N_GUESTS; i++) {
        if (world->guests[i].host == host)
            note_in_flight(world, &world->guests[i]);
    }
    if (host->gap_since == 0 || (host->up && world->now.mono - host->up_since > 20 * SEC))
        host->gap_since = world->now.mono;
}

void
sim_close(World *world, SimHost *host)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = host->uri};

    world_tell(world, "%s closes", host->uri);
    sim_begin_gap(world, host);
    host->up = false;
    host->generation++;
    sim_open_soon(world, host);
    world_step(world, &event);
}

static void
describe(const SimGuest *guest, VsDomainInfo *ret)
{
    vs_domain_id_copy(&ret->domain, &guest->domain);
    ret->state = guest->state;
    ret->reason = sim_is_on(guest) ? 0 : guest->reason; /* it is that of the end */
    ret->persistent = !guest->transient;
    if (guest->transient && !sim_is_on(guest))
        ret->state = VS_STATE_GONE;
}

void
sim_make_list(World *world, const Message *question)
{
    Message *answer = message_send(world, ANSWER_LIST, question->host, NULL);

    answer->serial = question->serial;
    for (int i = 0; i < N_GUESTS; i++) {
        if (world->guests[i].host == question->host &&
            (!world->guests[i].transient || sim_is_on(&world->guests[i])))
            describe(&world->guests[i], &answer->infos[answer->n_infos++]);
    }
}

void
sim_make_look_up(World *world, const Message *question)
{
    Message *answer = message_send(world, ANSWER_LOOK_UP, question->host, question->guest);

    answer->serial = question->serial;
    describe(question->guest, &answer->infos[answer->n_infos++]);
}

/* The XML is read over connections of its own, so the answer keeps no order with anything. */
static int64_t
description_takes(World *world)
{
    static const int most[] = {1, 5, 100, 2500, 40000};
    int pick = g_rand_int_range(world->beside, 0, G_N_ELEMENTS(most));

    return g_rand_int_range(world->beside, 0, most[pick]) * MSEC;
}

/* It has to wait for the guest, and is refused where something holds that for too long. */
void
sim_make_description(World *world, const Message *question)
{
    Message *answer = message_new(world, ANSWER_DESCRIPTION, question->host, question->guest, 0);

    answer->serial = question->serial;
    answer->agent = question->guest->agent;
    answer->ok =
        question->id == question->guest->domain.id && g_rand_int_range(world->beside, 0, 100) < 90;
}

static Message *
ask(World *world, MessageType type, const VsAction *action, SimHost *host, SimGuest *guest)
{
    Message *message = message_new(world, type, host, guest, world_chance(world, 80) ? 0 : 3 * SEC);

    message->serial = action->serial;
    message->call = action->call;
    message->method = action->method;
    message->asked = world->now.mono;
    if (type == MAKE_CALL)
        message->id = action->domain.id;
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
        sim_not_asked(message->guest, action->method);
        mark("race: a call is withdrawn that wasn't made");
        g_ptr_array_remove_index(world->messages, i - 1);
    }
}

/* One whose QEMU hangs is never described. */
static void
ask_description(World *world, const VsAction *action, SimHost *host, SimGuest *guest)
{
    Message *question;

    guest->asked_description = action->serial;
    if (g_rand_int_range(world->beside, 0, 100) < 5)
        return;
    question = message_new(world, MAKE_DESCRIPTION, host, guest, description_takes(world));
    question->serial = action->serial;
    question->id = action->domain.id;
}

void
sim_carry_out(World *world, const VsAction *action)
{
    SimHost *host = find_host(world, action->domain.uri);

    if (action->type == VS_ACTION_LIST)
        host->list = action->serial;
    if (action->type == VS_ACTION_LIST)
        ask(world, MAKE_LIST, action, host, NULL);
    else if (action->type == VS_ACTION_LOOK_UP && host->up)
        ask(world, MAKE_LOOK_UP, action, host, world_guest(world, &action->domain));
    else if (action->type == VS_ACTION_DESCRIBE && host->up)
        ask_description(world, action, host, world_guest(world, &action->domain));
    else if (action->type == VS_ACTION_CALL)
        make_or_hold(world,
                     ask(world, MAKE_CALL, action, host, world_guest(world, &action->domain)));
    else if (action->type == VS_ACTION_WITHDRAW)
        withdraw(world, action);
    else if (action->type == VS_ACTION_READ_LOG && world_chance(world, 95))
        message_new(world, ANSWER_LOG, host, world_guest(world, &action->domain),
                    world_chance(world, 90) ? MSEC : SEC);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* Worlds as hosts are: libvirt and virtstopd are seldom away for long, and guests have habits.
 *
 * What guests make of it that they are asked to go down: without habits any does so every other
 * time, after no time or an hour. With habits one always does, and takes about as long as it did
 * before, or never does. */

void
sim_get_habits(World *world, SimGuest *guest)
{
    bool is_slow = g_rand_int_range(world->beside, 0, 100) < 10;

    guest->is_deaf = g_rand_int_range(world->beside, 0, 100) < 15;
    guest->takes = g_rand_int_range(world->beside, 500, is_slow ? 60000 : 8000) * MSEC;
}

/* It was closed, or the daemon was restarted. */
void
sim_open_soon(World *world, SimHost *host)
{
    static const int most[] = {100, 1000, 5000, 5000, 20000, 60000};
    int64_t delay = g_rand_int_range(world->beside, 0, most[world->now.mono % G_N_ELEMENTS(most)]);

    if (!world->settles &&
        (!(world->kinds & KIND_HABITS) || g_rand_int_range(world->beside, 0, 100) < 3))
        return; /* whenever it comes */
    message_new(world, HOST_OPENS, host, NULL, delay * MSEC);
}

static int64_t
span_to_down(World *world, const SimGuest *guest)
{
    if (guest->takes == 0)
        return world_span(world);
    return guest->takes * g_rand_int_range(world->chance, 80, 125) / 100;
}

bool
sim_obeys(World *world, SimGuest *guest, Why why)
{
    bool obeys = guest->takes > 0 ? !guest->is_deaf : world_chance(world, 50);

    if (obeys)
        message_new(world, GUEST_DOWN, guest->host, guest, span_to_down(world, guest))->why = why;
    return obeys;
}

void
sim_agent_of_others(World *world, SimGuest *guest)
{
    if (guest->state != VS_STATE_RUNNING || guest->agent != VS_AGENT_CONNECTED)
        return;
    world_tell(world, "somebody asks the agent of %s", guest->domain.name);
    sim_obeys(world, guest, FOR_OTHERS);
}

/* libvirt knows that nobody is there, but may be busy. */
int64_t
sim_no_agent_takes(const World *world)
{
    return world->now.mono % 2 ? MSEC : 100 * MSEC;
}

/* An agent is, now and then, without a word of libvirt's. */
static bool
is_being_restarted(const World *world)
{
    return g_rand_int_range(world->beside, 0, 100) < 2;
}

/* Whoever sees that hurries it, and the host may be in trouble. */
static void
lose_patience(World *world, SimGuest *guest)
{
    if (g_rand_int_range(world->beside, 0, 100) < 10) { /* both, one after the other */
        message_new(world, HOST_CLOSES, guest->host, NULL, 300 * MSEC);
        message_new(world, PERSON_ESCALATES, guest->host, guest, 700 * MSEC);
        return;
    }
    if (g_rand_int_range(world->beside, 0, 100) < 15)
        message_new(world, HOST_CLOSES, guest->host, NULL,
                    g_rand_int_range(world->beside, 0, 2000) * MSEC);
    if (g_rand_int_range(world->beside, 0, 100) < 15)
        message_new(world, PERSON_ESCALATES, guest->host, guest,
                    g_rand_int_range(world->beside, 0, 3000) * MSEC);
}

/* Whether this world's daemon wakes an agent before it asks: else it has AgentCall=shutdown. */
static bool
wakes_agents(const World *world)
{
    return world->number % 4 != 0;
}

static void
answer(World *world, const Message *question, VsAgentWoke woke, bool ok, int code, int64_t delay)
{
    Message *message = sim_answer_call(world, question, ok, code, delay);

    if (message && wakes_agents(world))
        message->woke = woke;
}

/* The daemon waits a second or two for the agent's word that it was understood, which a guest that
 * goes down for it doesn't give, or not in time, or takes along as its port closes. One that hangs
 * isn't woken in five. */
void
sim_agent_by_habit(World *world, const Message *question)
{
    SimGuest *guest = question->guest;
    bool hangs = world_chance(world, 8), word = world_chance(world, 30);

    if (guest->state != VS_STATE_RUNNING) {
        answer(world, question, VS_AGENT_WOKE_NO, false, VS_LIBVIRT_OPERATION_INVALID, MSEC);
    } else if (guest->agent != VS_AGENT_CONNECTED || is_being_restarted(world)) {
        answer(world, question, VS_AGENT_WOKE_NO, false, VS_LIBVIRT_AGENT_UNRESPONSIVE,
               sim_no_agent_takes(world));
        lose_patience(world, guest);
    } else if (hangs) {
        answer(world, question, VS_AGENT_WOKE_NO, false, VS_LIBVIRT_AGENT_UNRESPONSIVE, 5 * SEC);
    } else {
        bool closes = sim_obeys(world, guest, FOR_AGENT) && world_chance(world, 10);

        sim_run(guest)->heard_agent = world->now.mono;
        if (closes) {
            sim_agent(world, guest, false);
            lose_patience(world, guest);
        }
        answer(world, question, VS_AGENT_WOKE_YES, word && !closes, VS_LIBVIRT_AGENT_UNRESPONSIVE,
               closes ? 100 * MSEC : 1200 * MSEC);
    }
}

/* Who is asked whether he is awake is asked again where that failed, and then nobody is there. */
static void
cut(World *world, Message *message)
{
    static const int spans[] = {0, 1, 5, 200};
    int pick = g_rand_int_range(world->beside, 0, G_N_ELEMENTS(spans));

    message->at = MIN(message->at, world->now.mono + spans[pick] * MSEC);
    message->ok = false;
    if (message->woke == VS_AGENT_WOKE_YES) {
        message->code = VS_LIBVIRT_INTERNAL_ERROR;
        return;
    }
    message->asked = message->at;
}

void
sim_cut_agent(World *world, const SimGuest *guest)
{
    if (guest->takes == 0 || !wakes_agents(world))
        return;
    for (unsigned i = 0; i < world->messages->len; i++) {
        Message *message = world->messages->pdata[i];

        if (message->type == ANSWER_CALL && message->method == VS_METHOD_AGENT &&
            message->guest == guest && message->run == sim_run(guest) && !message->ok &&
            message->code == VS_LIBVIRT_AGENT_UNRESPONSIVE && message->at > world->now.mono)
            cut(world, message);
    }
}

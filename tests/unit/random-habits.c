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

/* The daemon waits a second or two for the agent's word that it was understood, which a guest that
 * goes down for it doesn't give, or not in time, or takes along as its port closes. One that hangs
 * isn't woken in five. */
void
sim_agent_by_habit(World *world, const Message *question)
{
    SimGuest *guest = question->guest;
    bool hangs = world_chance(world, 8), word = world_chance(world, 30);

    if (guest->state != VS_STATE_RUNNING) {
        sim_answer_call(world, question, false, VS_LIBVIRT_OPERATION_INVALID, MSEC);
    } else if (guest->agent != VS_AGENT_CONNECTED || is_being_restarted(world)) {
        sim_answer_call(world, question, false, VS_LIBVIRT_AGENT_UNRESPONSIVE,
                        sim_no_agent_takes(world));
        lose_patience(world, guest);
    } else if (hangs) {
        sim_answer_call(world, question, false, VS_LIBVIRT_AGENT_UNRESPONSIVE, 5 * SEC);
    } else {
        bool closes = sim_obeys(world, guest, FOR_AGENT) && world_chance(world, 10);

        sim_run(guest)->heard_agent = world->now.mono;
        if (closes) {
            sim_agent(world, guest, false);
            lose_patience(world, guest);
        }
        sim_answer_call(world, question, word && !closes, VS_LIBVIRT_AGENT_UNRESPONSIVE,
                        closes ? 100 * MSEC : 1200 * MSEC);
    }
}

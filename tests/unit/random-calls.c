/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* What libvirt does of what it is called for, and answers. */

Message *
sim_answer_call(World *world, const Message *question, bool ok, int code, int64_t delay)
{
    Message *answer;

    if (world_chance(world, 3))
        return NULL;
    answer = message_new(world, ANSWER_CALL, question->host, question->guest, delay);
    answer->call = question->call;
    answer->method = question->method;
    /* As hosts are it is the call that is waited for, and others are in its way before. */
    answer->asked = question->guest->takes > 0 ? world->now.mono : question->asked;
    answer->ok = ok;
    answer->code = code;
    answer->still_there = question->method == VS_METHOD_DESTROY && world_chance(world, 3);
    return answer;
}

static void
ask_agent(World *world, const Message *question)
{
    SimGuest *guest = question->guest;

    if (guest->takes > 0) {
        sim_agent_by_habit(world, question);
    } else if (world_chance(world, 10)) {
        sim_answer_call(world, question, false, VS_LIBVIRT_AGENT_UNRESPONSIVE, 5 * SEC);
    } else if (guest->agent != VS_AGENT_CONNECTED || world_chance(world, 5)) {
        sim_answer_call(world, question, false, VS_LIBVIRT_AGENT_UNRESPONSIVE,
                        sim_no_agent_takes(world));
    } else {
        bool obeys = sim_obeys(world, guest, FOR_AGENT);

        sim_answer_call(world, question, obeys && world_chance(world, 50),
                        VS_LIBVIRT_AGENT_UNRESPONSIVE, obeys ? MSEC : SEC);
    }
}

static void
save(World *world, const Message *question)
{
    bool works = world_chance(world, 40);

    sim_save(world, question->guest, works);
    sim_answer_call(world, question, works, VS_LIBVIRT_OPERATION_FAILED,
                    works ? 3 * SEC : 2500 * MSEC);
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

void
sim_make_call(World *world, const Message *question)
{
    SimGuest *guest = question->guest;

    note_reached(world, question);
    if (question->method == VS_METHOD_START || question->method == VS_METHOD_SET_CLOCK) {
        make_start(world, question);
    } else if (!sim_is_on(guest) || question->id != guest->domain.id) { /* or was started anew */
        sim_answer_call(world, question, false, VS_LIBVIRT_OPERATION_INVALID, MSEC);
    } else if (question->method == VS_METHOD_AGENT) {
        ask_agent(world, question);
    } else if (question->method == VS_METHOD_RESUME) {
        sim_pause(world, guest, false);
        sim_answer_call(world, question, true, 0, MSEC);
    } else if (question->method == VS_METHOD_POWER_BUTTON) {
        bool busy = world_chance(world, 10);

        if (!busy)
            sim_press(world, guest);
        sim_answer_call(world, question, !busy, VS_LIBVIRT_OPERATION_TIMEOUT,
                        busy ? 30 * SEC : MSEC);
    } else if (question->method == VS_METHOD_ABORT_SAVE) {
        sim_answer_call(world, question, true, 0, MSEC);
    } else if (question->method == VS_METHOD_SAVE) {
        save(world, question);
    } else if (world_chance(world, 5)) {
        sim_answer_call(world, question, false, VS_LIBVIRT_OPERATION_FAILED, 40 * SEC);
    } else {
        sim_end(world, guest, TRUTH_DESTROYED);
        sim_answer_call(world, question, true, 0, world_span(world) % (15 * SEC));
    }
}

/* Nothing is sure to be explained by that any more. */
void
sim_not_asked(SimGuest *guest, VsMethod method)
{
    for (unsigned i = 0; i < guest->runs->len; i++) {
        SimRun *run = guest->runs->pdata[i];

        if (method == VS_METHOD_AGENT)
            run->agent_least = 0;
        else if (method == VS_METHOD_POWER_BUTTON)
            run->button_least = 0;
    }
}

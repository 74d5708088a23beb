/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "random-message.h"

/* What was on its way gets there, in its time. */

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

static void
deliver_hooked(World *world, const Message *message)
{
    const VsHookFailure failure = {(char *)"10-hook", (char *)"exit status 1"};
    VsEvent event = {.type = VS_EVENT_HOOKED, .domain = &message->guest->domain};

    event.hooked.hook = message->hook;
    event.hooked.stop = message->stop;
    event.hooked.failures = &failure;
    event.hooked.n_failures = message->at % 2;
    world_step(world, &event);
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
    VsDescription description = {.agent = message->agent};

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
    } else if (message->type == ANSWER_DESCRIPTION) {
        event.type = VS_EVENT_DESCRIBED;
        event.described.description = message->ok ? &description : NULL;
        event.described.labels = message->ok ? message->guest->labels : NULL;
        event.described.why = "busy";
        event.described.serial = message->serial;
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
mark_reply(const Message *message, bool lost)
{
    const SimGuest *guest = message->guest;

    if (lost)
        mark("race: an answer is lost with its connection");
    else if (guest->told_off)
        mark("race: an answer behind the guest's end");
    else if (!sim_is_on(guest))
        mark("race: an answer before the guest's end is told");
    if (guest->stop && guest->stop->finished)
        mark("race: an answer behind its stop");
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
    mark_reply(message, lost);
    if (stop && stop->waiting[message->method] == message->call) {
        stop->waiting[message->method] = 0;
        if (!lost)
            note_answered(world, message->guest, message->method);
    }
    if (!message->ok)
        sim_not_asked(message->guest, message->method);
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
    event.reply.woke = message->woke;
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
        event.qmp.time = world->now.real - (world->now.mono - message->sent);
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
        sim_make_list(world, message);
    else if (message->type == MAKE_LOOK_UP)
        sim_make_look_up(world, message);
    else if (message->type == MAKE_DESCRIPTION)
        sim_make_description(world, message);
    else
        sim_make_call(world, message);
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
        if (is_same_run && (message->guest->takes == 0 || message->why == OF_ITSELF ||
                            message->n_resets == message->run->n_resets))
            sim_down(world, message->guest, message->why);
        break;
    case GUEST_GONE:
        if (is_same_run && sim_is_on(message->guest))
            sim_gone(world, message->guest, message->truth);
        break;
    case HOST_OPENS:
        if (!message->host->up)
            sim_open(world, message->host);
        break;
    case HOST_CLOSES:
        if (message->host->up)
            sim_close(world, message->host);
        break;
    case PERSON_ESCALATES:
        ask_escalate(world, message->guest);
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
    case MAKE_DESCRIPTION:
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
    case ANSWER_HOOK:
        if (!of_dead)
            deliver_hooked(world, message);
        break;
    case ANSWER_DISK:
        if (!of_dead)
            sim_answer_disk(world, message);
        break;
    case ANSWER_LIST:
    case ANSWER_LOOK_UP:
    case ANSWER_DESCRIPTION:
        if (!of_dead && !broken)
            deliver_answer(world, message);
        break;
    case EVENT_WATCHED:
    case EVENT_PROCESS:
        if (!of_dead)
            sim_deliver_process(world, message);
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

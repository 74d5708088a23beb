/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "random-message.h"
#include "util/json.h"

/* The daemon around the engine, which may die after any action, and is started again. */

#define MAX_TIMERS_AT_ONCE 8

static void
keep(World *world, const VsAction *action)
{
    SimGuest *guest = world_guest(world, &action->domain);
    ptrdiff_t i = guest - world->guests;

    g_free(world->kept[i]);
    world->kept[i] = g_strdup(action->text);
    world->kept_id[i] = action->domain.id;
    if (action->text && action->domain.id >= 0)
        world_run(world, guest, action->domain.id)->kept = true;
}

/* Where the disk is well, once for a stop, whatever becomes of the daemon. */
static void
check_hook(World *world, const VsAction *action)
{
    if (action->hook == VS_HOOK_STOP_REQUESTED &&
        !g_hash_table_add(world->prepared, g_strdup(action->stop.text)) &&
        !(world->kinds & KIND_DISK))
        world_fail(world, "hooks run twice before the first step of a stop of %s",
                   action->domain.name);
}

static void
run_hook(World *world, const VsAction *action)
{
    int64_t delay = g_rand_int_range(world->beside, 0, 12) * SEC;
    Message *message;

    check_hook(world, action);
    if (g_rand_int_range(world->beside, 0, 5) == 0)
        return; /* it hangs */
    message = message_new(world, ANSWER_HOOK, &world->hosts[0], world_guest(world, &action->domain),
                          delay);
    message->hook = action->hook;
    message->stop = action->stop;
}

static void
carry_out(World *world, const VsAction *action)
{
    note_action(world, action);
    trace_action(world, action);
    switch (action->type) {
    case VS_ACTION_CALL:
        world_tell(world, "call %s to %s", vs_method_name(action->method), action->domain.name);
        check_call(world, action);
        sim_carry_out(world, action);
        break;
    case VS_ACTION_LIST:
    case VS_ACTION_LOOK_UP:
    case VS_ACTION_DESCRIBE:
    case VS_ACTION_WITHDRAW:
    case VS_ACTION_READ_LOG:
        sim_carry_out(world, action);
        break;
    case VS_ACTION_WATCH:
        sim_watch(world, action);
        break;
    case VS_ACTION_SAVE:
    case VS_ACTION_FORGET:
        keep(world, action);
        break;
    case VS_ACTION_HOOK:
        run_hook(world, action);
        break;
    case VS_ACTION_KEEP_HOST_STOPS:
        ran_keep(world, action);
        break;
    case VS_ACTION_RECORD:
        check_record(world, action);
        break;
    case VS_ACTION_STOP_ADDED:
        check_added(world, action);
        break;
    case VS_ACTION_STOP_FINISHED:
        check_finished(world, action);
        break;
    default:
        break;
    }
}

/* What was kept may have been done, for all that the next daemon knows. */
static void
note_intent(World *world, const VsAction *action)
{
    const VsDomainId *domain = &action->domain;
    const VsGuest *seen = vs_engine_find(world->engine, domain->uri, domain->uuid.text);
    VsAction call = {.type = VS_ACTION_CALL, .domain = *domain};

    if (!seen || !seen->stop || seen->stop->call.state != VS_CALL_INTENT ||
        !world_guest(world, domain)->stop)
        return;
    call.method = seen->stop->call.method;
    note_asked(world, &call);
}

static void
note_call(World *world, const VsAction *action)
{
    if (action->type == VS_ACTION_CALL && action->method != VS_METHOD_START &&
        action->method != VS_METHOD_SET_CLOCK && action->method != VS_METHOD_ABORT_SAVE &&
        world_guest(world, &action->domain)->stop)
        note_asked(world, action);
}

static bool take_step(World *world, const VsEvent *event);

static void
answer_disk(World *world, const Message *message)
{
    VsEvent event = {.type = VS_EVENT_WRITTEN};
    const char *why = message->ok ? NULL : "the disk is full";

    if (message->guest)
        event.domain = &message->guest->domain;
    if (message->serial > 0) {
        event.written.serial = message->serial;
        event.written.why = why;
    } else {
        event.type = VS_EVENT_RECORDED;
        event.recorded.id = message->record;
        event.recorded.why = why;
    }
    take_step(world, &event);
}

static void
run_timers(World *world)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};

    for (int i = 0; vs_engine_next_timer(world->engine) <= world->now.mono; i++) {
        if (world->crash_after == 0)
            return;
        if (i == MAX_TIMERS_AT_ONCE)
            world_fail(world, "the timer makes no progress");
        take_step(world, &timer);
    }
}

void
sim_answer_disk(World *world, const Message *message)
{
    world_tell(world, "the disk answers: %s", message->ok ? "ok" : "failed");
    answer_disk(world, message);
    run_timers(world);
    if (world->crash_after == 0)
        world_restart(world);
}

/* Mostly at once. */
static int64_t
disk_delay(World *world)
{
    static const int delays[] = {200, 1000, 1999, 2000, 5000};

    if (!(world->kinds & KIND_DISK) || !world_chance(world, 10))
        return 0;
    return delays[g_rand_int_range(world->chance, 0, G_N_ELEMENTS(delays))] * MSEC;
}

/* A call waits for it: what was asked before stands meanwhile, what is to be asked wasn't yet. */
static void
note_waiting(World *world, const VsAction *action)
{
    SimRun *run, before;

    if (action->type != VS_ACTION_SAVE || action->domain.id < 0)
        return;
    run = world_run(world, world_guest(world, &action->domain), action->domain.id);
    before = *run;
    note_intent(world, action);
    if (before.agent_until > 0)
        before.agent_until = MAX(before.agent_until, run->agent_until) + 5 * SEC;
    if (before.button_until > 0)
        before.button_until = MAX(before.button_until, run->button_until) + 5 * SEC;
    *run = before;
}

static void
ask_disk(World *world, const VsAction *action)
{
    SimGuest *guest = action->domain.uri ? world_guest(world, &action->domain) : NULL;
    int64_t delay = disk_delay(world);
    Message now = {.guest = guest, .serial = action->serial, .ok = true}, *message = &now;

    if ((world->kinds & KIND_DISK) && world_chance(world, 5))
        now.ok = false;
    if (!now.ok)
        mark("race: the disk says no to %s", action->type == VS_ACTION_RECORD ? "a record"
                                             : action->type == VS_ACTION_SAVE
                                                 ? "an intent or a fact"
                                                 : "a host stop");
    if (action->type == VS_ACTION_RECORD)
        now.record = action->record->id;
    if (delay > 0) {
        note_waiting(world, action);
        message = message_new(world, ANSWER_DISK, &world->hosts[0], guest, delay);
        message->serial = now.serial;
        message->record = now.record;
        message->ok = now.ok;
    } else {
        answer_disk(world, &now);
    }
}

static void
answer_written(World *world, const VsAction *action)
{
    if (action->type == VS_ACTION_SAVE && world->crash_after == 0)
        note_intent(world, action);
    else if (world->crash_after != 0 &&
             (action->type == VS_ACTION_SAVE || action->type == VS_ACTION_KEEP_HOST_STOPS ||
              action->type == VS_ACTION_RECORD))
        ask_disk(world, action);
}

static bool
take_step(World *world, const VsEvent *event)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    bool ok;

    world->event = event;
    trace_event(world, event);
    world->steps++;
    ran_before_step(world);
    ok = vs_engine_step(world->engine, event, world->now, actions, NULL);
    for (unsigned i = 0; i < actions->len; i++) {
        check_order(world, actions, i);
        if (world->crash_after == 0) {
            note_call(world, actions->pdata[i]);
            continue;
        }
        if (world->crash_after > 0)
            world->crash_after--;
        carry_out(world, actions->pdata[i]);
    }
    marks_note_stops(world);
    if (world->kinds & KIND_RAN)
        ran_check_step(world, event, ok);
    for (unsigned i = 0; i < actions->len; i++)
        answer_written(world, actions->pdata[i]);
    return ok;
}

bool
world_step(World *world, const VsEvent *event)
{
    bool ok = take_step(world, event);

    run_timers(world);
    if (world->crash_after == 0)
        world_restart(world);
    return ok;
}

static bool
is_recorded(World *world, const char *text)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);
    const char *id = vs_json_string(vs_json_object(object, "run"), "id", "");

    return g_hash_table_contains(world->recorded, id);
}

static bool
has_stop(const char *text, const char *id)
{
    g_autoptr(json_object) object = vs_json_parse_object(text, NULL);

    return g_str_equal(vs_json_string(vs_json_object(object, "stop"), "id", ""), id);
}

static void
take_over_host_stops(World *world)
{
    g_autofree char *text = g_strdup(world->ran);
    VsEvent event = {.type = VS_EVENT_TAKE_OVER_HOST_STOPS};

    event.host_stops.text = text;
    event.host_stops.same_boot = true;
    if (!world_step(world, &event))
        world_fail(world, "what was kept of all can't be taken over: %s", text);
}

static void
restore(World *world)
{
    for (int i = 0; i < N_GUESTS; i++) {
        VsDomainId domain = world->guests[i].domain;
        g_autofree char *text = g_strdup(world->kept[i]);
        VsEvent event = {.type = VS_EVENT_TAKE_OVER, .domain = &domain};

        if (!text)
            continue;
        domain.id = world->kept_id[i];
        event.take_over.state = text;
        event.take_over.record = is_recorded(world, text) ? "{}" : NULL;
        if (!world_step(world, &event))
            world_fail(world, "what was kept can't be restored: %s", text);
    }
    take_over_host_stops(world);
}

/* What isn't kept is lost with the daemon, and so is the connection of whoever asked: they know. A
 * stop that was begun and not kept never was; one that was finished and not kept goes on. */
static void
recall_stops(World *world)
{
    for (int i = 0; i < N_GUESTS; i++) {
        SimStop *stop = world->guests[i].stop;

        if (!stop)
            continue;
        memset(stop->waiting, 0, sizeof(stop->waiting));
        stop->finished = !world->kept[i] || !has_stop(world->kept[i], stop->id.text) ||
                         is_recorded(world, world->kept[i]);
        if (!stop->finished && stop->timed_out) {
            stop->timed_out->agent_until = stop->agent_before;
            stop->timed_out->button_until = stop->button_before;
            stop->timed_out = NULL;
        }
    }
}

/* As it was kept: what was heard since, such as that its system is down, is lost. */
static void
note_kept_intent(World *world, SimGuest *guest, int id, const char *text)
{
    g_autoptr(json_object) object = text ? vs_json_parse_object(text, NULL) : NULL;
    json_object *stop = vs_json_object(object, "stop"), *taken = vs_json_array(stop, "taken");
    size_t n = taken ? json_object_array_length(taken) : 0;
    json_object *last = n > 0 ? json_object_array_get_idx(taken, n - 1) : NULL;
    VsAction call = {.type = VS_ACTION_CALL, .domain = guest->domain};

    if (!guest->stop || id < 0 || !g_str_equal(vs_json_string(stop, "call", ""), "made") ||
        !vs_method_parse(vs_json_string(last, "method", ""), &call.method) ||
        guest->stop->first_call[call.method] > 0)
        return;
    call.domain.id = id;
    note_asked(world, &call);
}

/* That its system was down may have been told, and not kept. */
static void
note_kept_down(World *world, SimGuest *guest, int id, const char *text)
{
    g_autoptr(json_object) object = text ? vs_json_parse_object(text, NULL) : NULL;
    const char *shutdown = vs_json_string(vs_json_object(object, "run"), "shutdown", "");

    if (id >= 0 && g_str_equal(shutdown, "none"))
        world_run(world, guest, id)->told_down = 0;
}

static void
note_kept_facts(World *world)
{
    for (int i = 0; i < N_GUESTS; i++)
        note_kept_down(world, &world->guests[i], world->kept_id[i], world->kept[i]);
}

static void
note_intents(World *world)
{
    for (int i = 0; i < N_GUESTS; i++)
        note_kept_intent(world, &world->guests[i], world->kept_id[i], world->kept[i]);
}

/* What was left half done. */
static void
mark_death(World *world)
{
    for (int i = 0; i < N_GUESTS; i++) {
        const VsDomainId *domain = &world->guests[i].domain;
        const VsGuest *seen = vs_engine_find(world->engine, domain->uri, domain->uuid.text);

        if (seen && seen->stop && seen->stop->call.state == VS_CALL_INTENT)
            mark("race: the daemon dies between an intent and its call");
        if (seen && seen->stop && seen->stop->call.state == VS_CALL_MADE)
            mark("race: the daemon dies before a call is answered");
        if (world->kept[i] && is_recorded(world, world->kept[i]))
            mark("race: the daemon dies between a record and its forgetting");
        if (seen && seen->run && vs_run_is_over(seen->run))
            mark("race: the daemon dies between an end and its record");
    }
}

void
world_restart(World *world)
{
    mark_death(world);
    marks_forget_stops(world);
    note_intents(world);
    note_kept_facts(world);
    world_tell(world, "virtstopd is restarted");
    trace_restart(world);
    world->crash_after = -1;
    world->epoch++;
    world->steps = 0;
    vs_engine_free(world->engine);
    world->seed[0]++;
    world->seed[1] = world->epoch;
    ran_wanted(world, &world->wanted_of_all);
    world->engine = vs_engine_new(world->seed, &world->policy);
    vs_engine_set_hooks(world->engine, world->kinds & KIND_HOOKS);
    if (world->forgetting) {
        /* A reboot that was told and not kept is forgotten itself. */
        world->forgetting->agent_until = world->before.agent_until;
        world->forgetting->button_until = world->before.button_until;
        world->forgetting = NULL;
    }
    for (int i = 0; i < N_HOSTS; i++) {
        sim_begin_gap(world, &world->hosts[i]);
        world->hosts[i].up = false;
        world->hosts[i].generation++;
        sim_open_soon(world, &world->hosts[i]);
    }
    for (int i = 0; i < N_GUESTS; i++) {
        world->guests[i].told_off = world->guests[i].told_down = false;
        world->guests[i].told_no_agent = true; /* what was told may not have been kept */
        world->guests[i].told_on = 0;
        world->guests[i].told_step = 0;
    }
    world->starting = 0;
    world->called_off = 0;
    recall_stops(world);
    restore(world);
}

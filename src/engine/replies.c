/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/replies.h"

#include "engine/stop-end.h"
#include "util/span.h"

/* A guest agent's answer: libvirt waits 5 s for it to wake up, and at least 1 s for the command
 * itself. */
#define AGENT_AT_ONCE   (VS_USEC_PER_SEC / 2)
#define AGENT_NO_TIME   (20 * VS_USEC_PER_MSEC) /* to wake up, and to go */
#define AGENT_SYNC      (5 * VS_USEC_PER_SEC)
#define AGENT_SYNC_SLOP (VS_USEC_PER_SEC / 4)

/* QEMU closes the agent's socket as it ends: libvirt then says that it was closed, or can't be read
 * any more. Before 11.2 an internal error may be what the agent itself answered, too. */
static bool
is_of_closed_socket(int code, int64_t took)
{
    return took >= AGENT_NO_TIME &&
           (code == VS_LIBVIRT_INTERNAL_ERROR || code == VS_LIBVIRT_SYSTEM_ERROR);
}

/* An agent that goes down with its system takes the answer along: libvirt then says that, or 86 as
 * for one that isn't there. */
static bool
is_of_closed_port(int code, int64_t took)
{
    return is_of_closed_socket(code, took) ||
           (took >= AGENT_NO_TIME && code == VS_LIBVIRT_AGENT_UNRESPONSIVE);
}

/* Not where that was told before the call was made: then nobody was there. */
static bool
was_closed_since(const VsRun *run, int64_t made)
{
    return run->port_closed && run->port_closed_at >= made;
}

VsHeard
vs_replies_agent_heard(const VsRun *run, VsAgentWoke woke, int code, int64_t took, int64_t now)
{
    if (woke == VS_AGENT_WOKE_NO)
        return VS_HEARD_NO;
    if (code == VS_LIBVIRT_AGENT_COMMAND_TIMEOUT ||
        (is_of_closed_port(code, took) && was_closed_since(run, now - took)))
        return VS_HEARD_YES;
    if (code != VS_LIBVIRT_AGENT_UNRESPONSIVE || took < AGENT_AT_ONCE)
        return VS_HEARD_NO;
    return ABS(took - AGENT_SYNC) < AGENT_SYNC_SLOP ? VS_HEARD_PERHAPS : VS_HEARD_YES;
}

static VsHeard
heard_of(const VsRun *run, const VsEvent *event, int64_t now)
{
    return vs_replies_agent_heard(run, event->reply.woke, event->reply.code, event->reply.took,
                                  now);
}

bool
vs_replies_may_have_gone(const VsGuest *guest, int code, int64_t took)
{
    bool hangs = code == VS_LIBVIRT_AGENT_UNRESPONSIVE && took > AGENT_SYNC - AGENT_SYNC_SLOP;

    return guest->description.agent == VS_AGENT_CONNECTED && is_of_closed_port(code, took) &&
           !hangs;
}

/* It slept, and was never sent the request; nor was it asked before, which would stand. */
static bool
was_unsent(const VsRun *run, const VsEvent *event)
{
    return event->reply.woke == VS_AGENT_WOKE_NO && !run->agent.again;
}

static bool
may_be_cut(const VsGuest *guest, const VsEvent *event)
{
    return guest->stop && event->reply.woke != VS_AGENT_WOKE_NO &&
           vs_replies_may_have_gone(guest, event->reply.code, event->reply.took);
}

/* What the guest wasn't asked explains nothing. */
static void
note_agent_refused(VsGuest *guest, const VsEvent *event, int64_t now)
{
    VsRun *run = guest->run;
    VsHeard heard = heard_of(run, event, now);

    if (heard == VS_HEARD_PERHAPS || event->reply.woke == VS_AGENT_WOKE_NO)
        run->agent.doubtful = true;
    else if (heard == VS_HEARD_NO && may_be_cut(guest, event))
        vs_run_agent_cut(run,
                         event->reply.woke == VS_AGENT_WOKE_YES &&
                             is_of_closed_socket(event->reply.code, event->reply.took),
                         now);
    else if (heard == VS_HEARD_NO)
        run->agent = (VsAsked){0};
}

/* libvirt tells of SHUTDOWN before it ends QEMU, which closes the socket: what the agent was sent
 * while it was awake it had taken, for its guest was up then. */
static bool
is_taken_along(const VsRun *run, const VsEvent *event)
{
    return event->reply.woke == VS_AGENT_WOKE_YES &&
           is_of_closed_socket(event->reply.code, event->reply.took) &&
           run->shutdown == VS_SHUTDOWN_REASON_GUEST;
}

/* One that slept on as the system was down already was never sent the request itself. */
static VsHeard
agent_heard(const VsRun *run, const VsEvent *event, int64_t now)
{
    VsHeard heard;

    if (event->reply.ok || event->reply.lost)
        return event->reply.ok ? VS_HEARD_YES : VS_HEARD_PERHAPS;
    if (is_taken_along(run, event))
        return VS_HEARD_YES;
    heard = heard_of(run, event, now);
    if (was_unsent(run, event))
        return VS_HEARD_NO;
    if (heard == VS_HEARD_PERHAPS && run->shutdown != VS_SHUTDOWN_REASON_NONE)
        return VS_HEARD_NO;
    return heard == VS_HEARD_YES ? VS_HEARD_YES : VS_HEARD_PERHAPS;
}

/* Of what its agent was asked libvirt's answer is the only word, also behind the end. Where there
 * is none, nobody may have been there, and it went down by itself just then. */
static void
note_agent_heard(VsRun *run, const VsEvent *event, int64_t now)
{
    if (vs_run_find_asked(run, event->reply.call) != &run->agent)
        return;
    run->agent.heard = agent_heard(run, event, now);
    run->agent_seen |= run->agent.heard == VS_HEARD_YES;
}

/* Not where libvirt knew by itself that nobody was there. */
static bool
may_have_heard(const VsEvent *event)
{
    return event->reply.code == VS_LIBVIRT_AGENT_COMMAND_TIMEOUT ||
           is_of_closed_port(event->reply.code, event->reply.took);
}

static void
note_refused(VsGuest *guest, const VsEvent *event, int64_t now)
{
    VsRun *run = guest->run;
    const VsAsked *asked = vs_run_find_asked(run, event->reply.call);

    if (asked == &run->agent && was_unsent(run, event)) {
        run->agent = (VsAsked){0};
        return;
    }
    if (run->shutdown != VS_SHUTDOWN_REASON_NONE) {
        /* Its system is down: that is no answer to what it was asked, unless it was down before. */
        if (asked == &run->agent && event->reply.woke != VS_AGENT_WOKE_NO && !may_have_heard(event))
            run->agent.heard = VS_HEARD_NO;
        return;
    }
    if (asked == &run->agent)
        note_agent_refused(guest, event, now);
    else if (asked == &run->button && run->button.heard != VS_HEARD_YES)
        vs_run_not_pressed(run);
    else if (asked == &run->request)
        run->request = (VsAsked){0};
}

static void
witness_reply(VsEngine *engine, VsGuest *guest, VsMethod method, const VsEvent *event)
{
    json_object *item = vs_evidence_new(engine->now.real, "reply");

    vs_json_set_string(item, "method", vs_method_name(method));
    vs_json_set_bool(item, "ok", event->reply.ok);
    if (!event->reply.ok) {
        vs_json_set_int(item, "code", event->reply.code);
        vs_json_set_string(item, "message", event->reply.message);
    }
    if (event->reply.woke != VS_AGENT_WOKE_UNKNOWN)
        vs_json_set_bool(item, "awake", event->reply.woke == VS_AGENT_WOKE_YES);
    if (event->reply.lost)
        vs_json_set_bool(item, "lost", true);
    if (event->reply.still_there)
        vs_json_set_bool(item, "still_there", true);
    vs_run_witness(guest->run, item);
}

/* The guest has begun anew since: it needn't be made again. */
static bool
is_outdated(const VsGuest *guest)
{
    return guest->stop->call.method != VS_METHOD_DESTROY &&
           guest->stop->call.attempt != guest->run->attempt;
}

static bool
is_off(const VsGuest *guest)
{
    return vs_run_is_over(guest->run) || guest->stop->phase >= VS_PHASE_GOING_OFF;
}

static VsCallState
state_after(const VsGuest *guest, const VsEvent *event)
{
    if (event->reply.lost)
        return is_outdated(guest) ? VS_CALL_ANSWERED : VS_CALL_LOST;
    if (!event->reply.ok)
        return VS_CALL_REFUSED;
    return event->reply.still_there ? VS_CALL_STILL_THERE : VS_CALL_ANSWERED;
}

/* It was off, or ran anew, before libvirt was asked: that destroy destroyed nothing, unless one
 * before it, whose answer was lost, did. */
static bool
is_of_no_destroy(const VsCall *call, const VsEvent *event)
{
    int code = event->reply.code;

    return call->method == VS_METHOD_DESTROY && !call->repeated && !event->reply.ok &&
           !event->reply.lost && event->reply.took == 0 &&
           (code == VS_LIBVIRT_OPERATION_INVALID || code == VS_LIBVIRT_NO_DOMAIN);
}

static void
take_answer(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    VsCall *call = &guest->stop->call;

    witness_reply(engine, guest, call->method, event);
    if (event->reply.ok)
        vs_stop_may_have_got_through_late(guest->stop, guest->run, engine->now);
    if (is_of_no_destroy(call, event))
        guest->run->destroy_called = false;
    vs_engine_unsaved(engine, guest);
    if (is_off(guest) && !(event->reply.ok && event->reply.still_there)) {
        vs_call_clear(call); /* nothing is wanted of it any more */
        return;
    }
    if (call->state == VS_CALL_HELD && event->reply.lost)
        vs_stop_take_back(guest);
    call->state = state_after(guest, event);
    call->id = 0;
    call->since = engine->now.mono;
    call->code = event->reply.code;
    call->took = event->reply.took;
    call->woke = event->reply.woke;
    g_free(call->message);
    call->message = g_strdup(event->reply.message);
    if (event->reply.ok && (call->method == VS_METHOD_RESUME || call->method == VS_METHOD_WAKE))
        vs_engine_look_up(engine, guest); /* in case that its RESUMED doesn't come */
}

/* Of a start of what ran before. */
static bool
take_restore_answer(VsEngine *engine, const VsEvent *event)
{
    VsRestore *restore = &engine->restore;

    if (restore->call == 0 || restore->call != event->reply.call || restore->answered)
        return false;
    restore->answered = true;
    restore->ok = event->reply.ok;
    restore->lost = event->reply.lost;
    restore->message = g_strdup(event->reply.message);
    return true;
}

/* Of a start that Restart= asked for. */
static bool
take_revival_answer(VsGuest *guest, const VsEvent *event)
{
    VsRevival *revival = &guest->revival;

    if (revival->phase != VS_REVIVAL_STARTING || revival->call != event->reply.call)
        return false;
    revival->answered = true;
    revival->ok = event->reply.ok;
    revival->lost = event->reply.lost;
    g_free(revival->message);
    revival->message = g_strdup(event->reply.message);
    return true;
}

void
vs_replies_reply(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    bool is_of_stop, is_of_agent;

    if (guest && guest->starting == event->reply.call && !event->reply.ok)
        guest->starting = 0;
    if (take_restore_answer(engine, event) || !guest || take_revival_answer(guest, event) ||
        !guest->run)
        return;
    /* Else it is the answer to a step that is over, such as a guest agent's that hung. */
    is_of_stop = guest->stop && vs_call_is_out(&guest->stop->call) &&
                 guest->stop->call.id == event->reply.call;
    is_of_agent = vs_run_find_asked(guest->run, event->reply.call) == &guest->run->agent;
    note_agent_heard(guest->run, event, engine->now.mono);
    if (!event->reply.ok && !event->reply.lost && !vs_run_is_over(guest->run))
        note_refused(guest, event, engine->now.mono); /* whatever the stop is about since */
    if (is_of_stop)
        take_answer(engine, guest, event);
    else if (is_of_agent && guest->stop && !event->reply.lost)
        witness_reply(engine, guest, VS_METHOD_AGENT, event);
}

void
vs_replies_held(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsCall *call = guest && guest->stop ? &guest->stop->call : NULL;
    VsCallState before = event->held.held ? VS_CALL_MADE : VS_CALL_HELD;

    if (!call || !guest->run || vs_run_is_over(guest->run) || call->state != before ||
        call->id != event->held.call)
        return;
    if (event->held.held) {
        call->state = VS_CALL_HELD;
        vs_engine_stop_changed(engine, guest);
    } else {
        call->state = VS_CALL_MADE;
        vs_stop_got_through(guest->stop, guest->run, engine->now);
        vs_engine_unsaved(engine, guest);
    }
    call->since = engine->now.mono;
}

void
vs_replies_written(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = event->domain ? vs_engine_get(engine, event->domain) : NULL;
    VsKept *kept = guest ? &guest->kept : &engine->host_stops_kept;

    if (event->domain)
        engine->states_hang = false;
    else
        engine->host_stops_hang = false;
    if ((event->domain && !guest) || event->written.serial < kept->answered)
        return;
    kept->answered = event->written.serial;
    g_free(kept->why);
    kept->why = g_strdup(event->written.why);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <syslog.h>

#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* libvirt's answers to the calls of a stop. That something was done proves nothing (only events
 * tell that a guest goes down); that it can't be done sends the stop on to its next step. */

/* libvirt lets nobody press while another job (a migration, a dump) holds the domain. */
#define BUSY_PAUSE (5 * VS_USEC_PER_SEC)

/* Before a call that was lost with its connection is made again. */
#define RETRY_PAUSE (1 * VS_USEC_PER_SEC)

/* A guest agent's answer: libvirt waits 5 s for it to wake up, and at least 1 s for the command
 * itself. */
#define AGENT_AT_ONCE   (VS_USEC_PER_SEC / 2)
#define AGENT_SYNC      (5 * VS_USEC_PER_SEC)
#define AGENT_SYNC_SLOP (VS_USEC_PER_SEC / 4)

/* Between an answer that a closing port gives and the word that it was closed, which come over
 * different connections. An internal error mostly is what the agent itself answered: the step is
 * held up by it for less long. */
#define PORT_PAUSE     (3 * VS_USEC_PER_SEC)
#define INTERNAL_PAUSE (1 * VS_USEC_PER_SEC)

/* Whether the guest agent may have got the request although libvirt has no answer to it. */
typedef enum AgentHeard { HEARD_NOT, HEARD_PERHAPS, HEARD } AgentHeard;

/* Whether a port of the guest's was closed since its agent was asked. */
static bool
port_closed(const VsRun *run)
{
    for (size_t i = json_object_array_length(run->evidence); i-- > 0;) {
        json_object *item = json_object_array_get_idx(run->evidence, i);
        const char *event = vs_json_string(item, "event", "");

        if (g_str_equal(vs_json_string(item, "source", ""), "request") &&
            g_str_equal(vs_json_string(item, "method", ""), vs_method_name(VS_METHOD_AGENT)))
            break;
        if (g_str_equal(event, "VSERPORT_CHANGE") &&
            !vs_json_bool(vs_json_object(item, "data"), "open", true))
            return true;
        if (g_str_equal(event, "agent-lifecycle") &&
            g_str_equal(vs_json_string(item, "state", ""), "disconnected"))
            return true;
    }
    return false;
}

/* An agent that goes down with its system takes the answer along: libvirt then says 86 as for one
 * that isn't there, that its socket was closed, or can't be read any more. */
static bool
is_of_closed_port(int code)
{
    return code == VS_LIBVIRT_AGENT_UNRESPONSIVE || code == VS_LIBVIRT_INTERNAL_ERROR ||
           code == VS_LIBVIRT_SYSTEM_ERROR;
}

static AgentHeard
agent_heard(const VsRun *run, int code, int64_t took)
{
    if (code == VS_LIBVIRT_AGENT_COMMAND_TIMEOUT || (is_of_closed_port(code) && port_closed(run)))
        return HEARD;
    if (code != VS_LIBVIRT_AGENT_UNRESPONSIVE || took < AGENT_AT_ONCE)
        return HEARD_NOT;
    return ABS(took - AGENT_SYNC) < AGENT_SYNC_SLOP ? HEARD_PERHAPS : HEARD;
}

static void
step_failed(VsEngine *engine, VsGuest *guest, const char *why)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);
    g_autofree char *message = vs_text_printable(why);

    vs_engine_note(engine, guest, LOG_NOTICE, _("%s: step %s did not work: %s"), name,
                   vs_method_name(vs_stop_step(guest->stop)->method), message);
    vs_descent_next_step(engine, guest, message);
}

/* As far as we know its port is open, and libvirt's answer is one that a closing port gives. */
static bool
may_have_gone(const VsGuest *guest, int code)
{
    return guest->agent == VS_AGENT_CONNECTED && is_of_closed_port(code);
}

static int64_t
port_pause(int code)
{
    return code == VS_LIBVIRT_INTERNAL_ERROR ? INTERNAL_PAUSE : PORT_PAUSE;
}

static void
agent_failed(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    AgentHeard heard = agent_heard(guest->run, event->reply.code, event->reply.took);
    VsStop *stop = guest->stop;

    if (heard == HEARD) {
        stop->answered = true;
        return;
    }
    if (heard == HEARD_NOT && !stop->adopted && may_have_gone(guest, event->reply.code)) {
        stop->answered = true;
        stop->next_press = vs_later(engine->now.mono, port_pause(event->reply.code));
        return;
    }
    guest->run->agent.doubtful = true;
    if (heard == HEARD_NOT)
        guest->run->agent = (VsAsked){0};
    if (!stop->adopted)
        step_failed(engine, guest, event->reply.message);
}

static const char *
last_message(const VsRun *run)
{
    for (size_t i = json_object_array_length(run->evidence); i-- > 0;) {
        json_object *item = json_object_array_get_idx(run->evidence, i);

        if (g_str_equal(vs_json_string(item, "source", ""), "reply"))
            return vs_json_string(item, "message", "");
    }
    return "";
}

void
vs_replies_agent_settled(VsEngine *engine, VsGuest *guest)
{
    guest->stop->next_press = VS_USEC_INFINITY;
    if (port_closed(guest->run))
        return; /* it had heard, and goes down */
    guest->run->agent = (VsAsked){0};
    step_failed(engine, guest, last_message(guest->run));
}

static void
press_later(VsEngine *engine, VsStop *stop, int64_t pause)
{
    stop->answered = true;
    stop->presses--;
    stop->next_press = vs_later(engine->now.mono, pause);
}

static void
button_failed(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    VsStop *stop = guest->stop;

    guest->run->button = (VsAsked){0};
    if (stop->adopted)
        return;
    if (event->reply.code == VS_LIBVIRT_OPERATION_TIMEOUT) {
        press_later(engine, stop, BUSY_PAUSE);
    } else if (event->reply.code == VS_LIBVIRT_OPERATION_INVALID) {
        /* It is going down, which is no reason to go on, or was paused: see which. */
        press_later(engine, stop, RETRY_PAUSE);
        vs_connections_look_up(engine, guest);
    } else if (event->reply.code == VS_LIBVIRT_INTERNAL_ERROR && !stop->press_failed) {
        /* So says libvirt, too, where the guest was off before the press was answered. */
        stop->press_failed = true;
        press_later(engine, stop, RETRY_PAUSE);
        vs_connections_look_up(engine, guest);
    } else {
        step_failed(engine, guest, event->reply.message);
    }
}

static void
save_failed(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (!guest->stop->adopted)
        step_failed(engine, guest, event->reply.message);
}

static void
destroy_failed(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (guest->stop->adopted)
        return;
    if (event->reply.code == VS_LIBVIRT_OPERATION_INVALID) {
        /* It isn't running any more: look why, in case its STOPPED doesn't come. */
        guest->stop->answered = true;
        vs_connections_look_up(engine, guest);
        return;
    }
    step_failed(engine, guest, event->reply.message);
}

static void
resume_failed(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    g_autofree char *message = vs_text_printable(event->reply.message);

    vs_descent_next_step(engine, guest, message);
}

static void
reply_failed(VsEngine *engine, VsGuest *guest, VsMethod method, const VsEvent *event)
{
    switch (method) {
    case VS_METHOD_AGENT:
        agent_failed(engine, guest, event);
        break;
    case VS_METHOD_POWER_BUTTON:
        button_failed(engine, guest, event);
        break;
    case VS_METHOD_SAVE:
        save_failed(engine, guest, event);
        break;
    case VS_METHOD_DESTROY:
        destroy_failed(engine, guest, event);
        break;
    default:
        resume_failed(engine, guest, event);
        break;
    }
}

static void
witness_reply(VsEngine *engine, VsGuest *guest, VsMethod method, const VsEvent *event)
{
    json_object *item = vs_ask_evidence(engine, "reply", method);

    vs_json_set_bool(item, "ok", event->reply.ok);
    if (!event->reply.ok) {
        vs_json_set_int(item, "code", event->reply.code);
        vs_json_set_string(item, "message", event->reply.message);
    }
    if (event->reply.lost)
        vs_json_set_bool(item, "lost", true);
    if (event->reply.still_there)
        vs_json_set_bool(item, "still_there", true);
    vs_run_witness(guest->run, item);
}

void
vs_replies_reply(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);
    VsStop *stop = guest ? guest->stop : NULL;
    VsMethod method;

    if (vs_restore_answer(engine, event))
        return;

    /* The answer to a step that is over, such as a guest agent's that hung. */
    if (!stop || !guest->run || stop->call == 0 || stop->call != event->reply.call)
        return;
    method = vs_stop_last_method(stop);
    witness_reply(engine, guest, method, event);
    vs_engine_unsaved(engine, guest);
    stop->call = 0;
    stop->held_since = 0;
    stop->still_there = event->reply.still_there;

    if (guest->run->ended) {
        if (!guest->run->log_asked)
            vs_run_end_read_log(engine, guest); /* the record waited for this */
        return;
    }
    if (event->reply.lost) {
        stop->retry_at = vs_later(engine->now.mono, RETRY_PAUSE);
        return;
    }
    if (event->reply.ok && method == VS_METHOD_RESUME)
        vs_connections_look_up(engine, guest); /* in case that its RESUMED doesn't come */
    if (event->reply.ok || stop->phase == VS_PHASE_GOING_OFF)
        stop->answered = true;
    else
        reply_failed(engine, guest, method, event);
}

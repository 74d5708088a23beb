/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"

/* What libvirt, a guest and people do to the engine. */

void
lab_open(Lab *lab)
{
    VsEvent event = {
        .type = VS_EVENT_CONNECTION, .uri = lab->guest.domain.uri, .connection.open = true};

    lab->connected = true;
    lab_step(lab, &event, NULL);
}

void
lab_connect(Lab *lab)
{
    lab_open(lab);
    lab_pass(lab, 20 * SEC);
}

void
lab_close(Lab *lab)
{
    VsEvent event = {
        .type = VS_EVENT_CONNECTION, .uri = lab->guest.domain.uri, .connection.why = "killed"};

    lab->connected = false;
    lab_step(lab, &event, NULL);
}

void
lab_answer_list(Lab *lab, uint64_t serial)
{
    VsEvent event = {.type = VS_EVENT_LISTED, .uri = lab->guest.domain.uri};

    event.listed.domains = &lab->guest;
    event.listed.n_domains = lab->guest.state == VS_STATE_GONE ? 0 : 1;
    event.listed.serial = serial;
    lab_step(lab, &event, NULL);
}

void
lab_answer_look_up(Lab *lab, uint64_t serial)
{
    VsEvent event = {.type = VS_EVENT_LOOKED_UP, .domain = &lab->guest.domain};

    event.looked_up.info = &lab->guest;
    event.looked_up.serial = serial;
    lab_step(lab, &event, NULL);
}

void
lab_answer_description(Lab *lab, uint64_t serial)
{
    VsEvent event = {.type = VS_EVENT_DESCRIBED, .domain = &lab->guest.domain};

    event.described.description = &lab->guest.description;
    event.described.labels = lab->labels;
    event.described.serial = serial;
    lab_step(lab, &event, NULL);
}

void
lab_refuse_description(Lab *lab, uint64_t serial)
{
    VsEvent event = {.type = VS_EVENT_DESCRIBED, .domain = &lab->guest.domain};

    event.described.why = "cannot acquire state change lock";
    event.described.serial = serial;
    lab_step(lab, &event, NULL);
}

void
lab_answer_log(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_LOG, .domain = &lab->guest.domain, .log.lines = lab->log};

    lab_step(lab, &event, NULL);
}

void
lab_answer_habit(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_HABIT, .domain = &lab->guest.domain, .habit = lab->habit};

    lab_step(lab, &event, NULL);
}

void
lab_answer_candidates(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_CANDIDATES, .domain = &lab->guest.domain};
    g_autoptr(json_object) list = lab->candidates ? json_tokener_parse(lab->candidates) : NULL;

    event.candidates.list = list;
    event.candidates.at = lab->now.mono;
    lab_step(lab, &event, NULL);
}

void
lab_lifecycle(Lab *lab, int type, int detail)
{
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &lab->guest.domain};

    event.lifecycle.type = type;
    event.lifecycle.detail = detail;
    lab_step(lab, &event, NULL);
}

void
lab_qmp(Lab *lab, const char *name, const char *details)
{
    VsEvent event = {.type = VS_EVENT_QMP, .domain = &lab->guest.domain};

    event.qmp.event = name;
    event.qmp.details = details;
    lab_step(lab, &event, NULL);
}

void
lab_watchdog(Lab *lab, VsWatchdogAction action)
{
    VsEvent event = {.type = VS_EVENT_WATCHDOG, .domain = &lab->guest.domain};

    event.watchdog.action = action;
    lab_step(lab, &event, NULL);
}

void
lab_agent(Lab *lab, VsAgentState state)
{
    VsEvent event = {.type = VS_EVENT_AGENT, .domain = &lab->guest.domain, .agent.state = state};

    lab->guest.description.agent = state;
    lab_step(lab, &event, NULL);
}

void
lab_run_guest(Lab *lab)
{
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab_connect(lab);
}

void
lab_boot(Lab *lab)
{
    static int last_id = 10;

    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = ++last_id;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
}

void
lab_pause(Lab *lab, bool pause)
{
    lab->guest.state = pause ? VS_STATE_PAUSED : VS_STATE_RUNNING;
    lab_qmp(lab, pause ? "STOP" : "RESUME", NULL);
    lab_lifecycle(lab, pause ? VS_LIFECYCLE_SUSPENDED : VS_LIFECYCLE_RESUMED, 0);
}

void
lab_reset(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_REBOOT, .domain = &lab->guest.domain};

    lab->guest.state = VS_STATE_RUNNING;
    lab_qmp(lab, "RESET", "{\"guest\":true,\"reason\":\"guest-reset\"}");
    lab_step(lab, &event, NULL);
}

/* libvirt's answer to who asked its agent comes when it is down. */
static void
answer_agent(Lab *lab)
{
    const VsGuest *guest = lab_guest(lab);
    const VsCall *call = guest && guest->stop ? &guest->stop->call : NULL;

    if (call && call->method == VS_METHOD_AGENT && call->state == VS_CALL_MADE && !lab->agent_hangs)
        lab_reply_ok(lab, call->id);
}

void
lab_go_down(Lab *lab)
{
    lab->guest.state = VS_STATE_SHUTDOWN;
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    lab_lifecycle(lab, VS_LIFECYCLE_SHUTDOWN, VS_SHUTDOWN_GUEST);
    lab_qmp(lab, "STOP", NULL);
    answer_agent(lab);
}

static void
end(Lab *lab, int detail, int reason)
{
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-signal\"}");
    lab->guest.state = lab->guest.persistent ? VS_STATE_SHUTOFF : VS_STATE_GONE;
    lab->guest.reason = reason;
    lab->guest.domain.id = -1;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, detail);
}

void
lab_be_reaped(Lab *lab)
{
    end(lab, VS_STOPPED_SHUTDOWN, VS_SHUTOFF_SHUTDOWN);
}

void
lab_power_off(Lab *lab)
{
    lab_go_down(lab);
    lab_pass(lab, 3 * SEC / 2);
    lab_be_reaped(lab);
}

void
lab_be_destroyed(Lab *lab)
{
    end(lab, VS_STOPPED_DESTROYED, VS_SHUTOFF_DESTROYED);
}

void
lab_be_gone(Lab *lab, VsDomainState state, int reason)
{
    lab->guest.state = state;
    lab->guest.reason = reason;
    lab->guest.domain.id = -1;
}

void
lab_stop(Lab *lab, const char *ladder)
{
    VsRequester by = {.uid = 1000, .pid = 42, .comm = (char *)"virtstopctl"};
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &lab->guest.domain};
    g_autoptr(GError) error = NULL;

    event.stop.ladder = ladder;
    event.stop.reason = "the roof is on fire";
    event.stop.by = &by;
    lab_step(lab, &event, &error);
    g_assert_no_error(error);
}

bool
lab_request(Lab *lab, VsEventType type, GError **error)
{
    VsRequester by = {.uid = 1000, .pid = 43, .comm = (char *)"virtstopctl"};
    VsEvent event = {.type = type, .domain = &lab->guest.domain, .by = &by};

    return lab_step(lab, &event, error);
}

bool
lab_extend(Lab *lab, int64_t span, GError **error)
{
    VsEvent event = {.type = VS_EVENT_EXTEND, .domain = &lab->guest.domain, .extend.span = span};

    return lab_step(lab, &event, error);
}

static void
reply(Lab *lab, uint64_t call, bool ok, int code, int64_t took, bool lost)
{
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &lab->guest.domain};

    event.reply.call = call;
    event.reply.ok = ok;
    event.reply.code = code;
    event.reply.message = ok ? NULL : "libvirt says no";
    event.reply.took = took;
    event.reply.lost = lost;
    lab_step(lab, &event, NULL);
}

void
lab_reply_ok(Lab *lab, uint64_t call)
{
    reply(lab, call, true, 0, 0, false);
}

void
lab_be_pressed(Lab *lab, uint64_t call)
{
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_reply_ok(lab, call);
}

void
lab_reply_error(Lab *lab, uint64_t call, int code, int64_t took)
{
    reply(lab, call, false, code, took, false);
}

void
lab_reply_lost(Lab *lab, uint64_t call)
{
    reply(lab, call, false, VS_LIBVIRT_INTERNAL_ERROR, 0, true);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rehearsal/replay.h"

#include <string.h>

#include "engine/engine.h"
#include "util/span.h"
#include "util/wallclock.h"

/* Plays a trace to the engine. What the daemon would ask libvirt for is answered out of the trace:
 * a list says that the guest runs for as long as something of its life is still to come, then what
 * the header's "final_state" says; the log is the trace's. */

/* The engine's clock begins here, so that no deadline stands before 0. */
#define MONO_BASE (1000 * VS_USEC_PER_SEC)

typedef struct Replay {
    const VsTrace *trace;
    bool foreign;
    VsEngine *engine;
    VsDomainId domain;
    int64_t real_base;
    int64_t t;
    unsigned next;       /* the line that comes next */
    bool off;            /* it was stopped, and not started again since */
    VsDomainState state; /* while it isn't */
    uint64_t call;       /* that of the last request, */
    int64_t asked_at;
    GPtrArray *records;
} Replay;

static void step(Replay *replay, VsEvent *event);

/* What could not be told of a guest that is off; and a connection breaks while there is something
 * to miss. */
static bool
tells_of_life(const VsTraceLine *line)
{
    if (line->source == VS_TRACE_CONNECTION)
        return !g_str_equal(vs_json_string(line->object, "event", ""), "opened");
    return line->source == VS_TRACE_LIBVIRT || line->source == VS_TRACE_QMP;
}

static bool
life_to_come(const Replay *replay)
{
    for (unsigned i = replay->next; i < replay->trace->lines->len; i++) {
        if (tells_of_life(&g_array_index(replay->trace->lines, VsTraceLine, i)))
            return true;
    }
    return false;
}

static VsDomainInfo
state_now(const Replay *replay)
{
    VsDomainInfo info = {
        .domain = replay->domain, .state = replay->state, .persistent = true, .described = true};
    json_object *final = NULL;

    if (!replay->off && life_to_come(replay))
        return info;
    if (!json_object_object_get_ex(replay->trace->header, "final_state", &final)) {
        info.state = replay->off ? VS_STATE_SHUTOFF : replay->state;
    } else if (json_object_is_type(final, json_type_array) &&
               json_object_array_length(final) >= 2) {
        info.state = json_object_get_int(json_object_array_get_idx(final, 0));
        info.reason = json_object_get_int(json_object_array_get_idx(final, 1));
    } else {
        info.state = VS_STATE_GONE;
    }
    if (!vs_domain_state_is_active(info.state))
        info.domain.id = -1;
    return info;
}

static void
answer_list(Replay *replay, const VsAction *action)
{
    VsDomainInfo info = state_now(replay);
    VsEvent event = {.type = VS_EVENT_LISTED, .uri = replay->domain.uri};

    event.listed.domains = &info;
    event.listed.n_domains = info.state == VS_STATE_GONE ? 0 : 1;
    event.listed.serial = action->serial;
    step(replay, &event);
}

static void
answer_look_up(Replay *replay, const VsAction *action)
{
    VsDomainInfo info = state_now(replay);
    VsEvent event = {.type = VS_EVENT_LOOKED_UP, .domain = &replay->domain};

    event.looked_up.info = &info;
    event.looked_up.serial = action->serial;
    step(replay, &event);
}

static void
answer_log(Replay *replay)
{
    VsEvent event = {.type = VS_EVENT_LOG, .domain = &replay->domain};

    if (replay->trace->log->len > 1)
        event.log.lines = (char *const *)replay->trace->log->pdata;
    step(replay, &event);
}

static void
carry_out(Replay *replay, VsAction *action)
{
    switch (action->type) {
    case VS_ACTION_LIST:
        answer_list(replay, action);
        break;
    case VS_ACTION_LOOK_UP:
        answer_look_up(replay, action);
        break;
    case VS_ACTION_READ_LOG:
        answer_log(replay);
        break;
    case VS_ACTION_RECORD:
        g_ptr_array_add(replay->records, g_steal_pointer(&action->record));
        break;
    default:
        break; /* nobody listens, and nothing has to survive */
    }
}

static void
step(Replay *replay, VsEvent *event)
{
    g_autoptr(GPtrArray) actions = vs_actions_new();
    VsTime now = {.mono = MONO_BASE + replay->t, .real = replay->real_base + MAX(replay->t, 0)};

    vs_engine_step(replay->engine, event, now, actions, NULL);
    for (unsigned i = 0; i < actions->len; i++)
        carry_out(replay, actions->pdata[i]);
}

static void
pass_time(Replay *replay, int64_t until)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};
    int64_t next;

    while ((next = vs_engine_next_timer(replay->engine)) != VS_USEC_INFINITY &&
           next - MONO_BASE <= until) {
        replay->t = MAX(replay->t, next - MONO_BASE);
        step(replay, &timer);
    }
    replay->t = MAX(replay->t, until);
}

/* A word of the traces or libvirt's number; what a newer libvirt may say is no error. */
static int
number(json_object *object, const char *key, bool (*parse)(const char *, int *))
{
    const char *name = vs_json_string(object, key, NULL);
    int64_t value = -1;
    int ret = -1;

    if (name)
        parse(name, &ret);
    else if (vs_json_int(object, key, &value) && value >= 0 && value <= G_MAXINT)
        ret = value;
    return ret;
}

static int
detail_number(json_object *object, int type)
{
    const char *name = vs_json_string(object, "detail", NULL);
    int64_t value = -1;
    int ret = -1;

    if (name)
        vs_lifecycle_detail_parse(type, name, &ret);
    else if (vs_json_int(object, "detail", &value) && value >= 0 && value <= G_MAXINT)
        ret = value;
    return ret;
}

/* What libvirt would call the guest's state from here on. */
static void
follow_lifecycle(Replay *replay, int type, int detail)
{
    if (type == VS_LIFECYCLE_STARTED || type == VS_LIFECYCLE_RESUMED)
        replay->state = VS_STATE_RUNNING;
    else if (type == VS_LIFECYCLE_SUSPENDED && replay->state == VS_STATE_RUNNING)
        replay->state = VS_STATE_PAUSED;
    else if (type == VS_LIFECYCLE_PMSUSPENDED)
        replay->state = VS_STATE_PMSUSPENDED;
    else if (type == VS_LIFECYCLE_CRASHED && detail == VS_CRASHED_PANICKED)
        replay->state = VS_STATE_CRASHED;
    else if (type == VS_LIFECYCLE_SHUTDOWN)
        replay->state = VS_STATE_SHUTDOWN;
}

static void
follow_qmp(Replay *replay, const char *event, json_object *data)
{
    if (g_str_equal(event, "SHUTDOWN"))
        replay->state = VS_STATE_SHUTDOWN;
    else if (g_str_equal(event, "GUEST_PANICKED") &&
             !g_str_equal(vs_json_string(data, "action", ""), "run"))
        replay->state = VS_STATE_CRASHED;
    else if (g_str_equal(event, "RESET") || g_str_equal(event, "RESUME"))
        replay->state = VS_STATE_RUNNING;
}

static void
play_lifecycle(Replay *replay, json_object *object)
{
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &replay->domain};

    event.lifecycle.type = number(object, "type", vs_lifecycle_parse);
    event.lifecycle.detail = detail_number(object, event.lifecycle.type);
    if (event.lifecycle.type == VS_LIFECYCLE_STOPPED)
        replay->off = true;
    else if (event.lifecycle.type == VS_LIFECYCLE_STARTED)
        replay->off = false;
    follow_lifecycle(replay, event.lifecycle.type, event.lifecycle.detail);
    step(replay, &event);
}

static void
play_agent(Replay *replay, json_object *object)
{
    VsEvent event = {.type = VS_EVENT_AGENT, .domain = &replay->domain};
    bool connected = g_str_equal(vs_json_string(object, "state", ""), "connected");

    event.agent.state = connected ? VS_AGENT_CONNECTED : VS_AGENT_DISCONNECTED;
    event.agent.reason = vs_json_string(object, "reason", NULL);
    step(replay, &event);
}

static void
play_libvirt(Replay *replay, json_object *object)
{
    const char *name = vs_json_string(object, "event", "");
    VsEvent event = {.domain = &replay->domain};

    if (g_str_equal(name, "lifecycle")) {
        play_lifecycle(replay, object);
    } else if (g_str_equal(name, "agent-lifecycle")) {
        play_agent(replay, object);
    } else if (g_str_equal(name, "reboot")) {
        event.type = VS_EVENT_REBOOT;
        step(replay, &event);
    } else if (g_str_equal(name, "watchdog")) {
        event.type = VS_EVENT_WATCHDOG;
        event.watchdog.action = number(object, "action", vs_watchdog_parse);
        step(replay, &event);
    }
}

static void
play_qmp(Replay *replay, json_object *object)
{
    json_object *data = vs_json_object(object, "data");
    VsEvent event = {.type = VS_EVENT_QMP, .domain = &replay->domain};

    event.qmp.event = vs_json_string(object, "event", "");
    event.qmp.details = data ? vs_json_line(data) : NULL;
    follow_qmp(replay, event.qmp.event, data);
    step(replay, &event);
}

static void
play_connection(Replay *replay, bool open)
{
    VsEvent event = {.type = VS_EVENT_CONNECTION, .uri = replay->domain.uri};

    event.connection.open = open;
    step(replay, &event);
}

static void
play_process(Replay *replay, json_object *object)
{
    bool ended = g_str_equal(vs_json_string(object, "event", ""), "ended");
    VsEvent event = {.type = ended ? VS_EVENT_PROCESS : VS_EVENT_WATCHED,
                     .domain = &replay->domain};

    if (ended) {
        event.process.end = vs_process_end_from_json(object);
        event.process.line = vs_json_string(object, "line", NULL);
    }
    step(replay, &event);
}

static void
play_candidates(Replay *replay, json_object *object)
{
    VsEvent event = {.type = VS_EVENT_CANDIDATES, .domain = &replay->domain};

    event.candidates.list = vs_json_array(object, "candidates");
    event.candidates.at = MONO_BASE + replay->t;
    step(replay, &event);
}

static bool
has_flag(json_object *object, const char *flag)
{
    json_object *flags = vs_json_array(object, "flags");

    for (size_t i = 0; flags && i < json_object_array_length(flags); i++) {
        if (g_strcmp0(json_object_get_string(json_object_array_get_idx(flags, i)), flag) == 0)
            return true;
    }
    return false;
}

/* Which of this daemon's methods a recorded call was. Other calls this daemon never makes. */
static bool
method_of(json_object *object, VsMethod *ret)
{
    const char *api = vs_json_string(object, "api", "");

    if (g_str_has_prefix(api, "virDomainDestroy")) {
        *ret = VS_METHOD_DESTROY;
    } else if (g_str_equal(api, "virDomainQemuAgentCommand")) {
        *ret = VS_METHOD_AGENT;
        return strstr(vs_json_string(object, "cmd", ""), "guest-shutdown") != NULL;
    } else if (g_str_has_prefix(api, "virDomainShutdown")) {
        /* Both flags, or none, are the agent first; whether the button was pressed QEMU says
         * itself. */
        bool only_button =
            has_flag(object, "acpi-power-button") && !has_flag(object, "guest-agent");

        *ret = only_button                    ? VS_METHOD_POWER_BUTTON
               : has_flag(object, "initctl")  ? VS_METHOD_INITCTL
               : has_flag(object, "signal")   ? VS_METHOD_SIGNAL
               : has_flag(object, "paravirt") ? VS_METHOD_PARAVIRT
                                              : VS_METHOD_AGENT;
    } else {
        return false;
    }
    return true;
}

static void
play_request(Replay *replay, json_object *object)
{
    VsEvent event = {.type = VS_EVENT_REQUESTED, .domain = &replay->domain};

    if (replay->foreign || replay->off || !method_of(object, &event.requested.method))
        return;
    replay->asked_at = replay->t;
    event.requested.call = ++replay->call;
    step(replay, &event);
}

static void
play_reply(Replay *replay, json_object *object)
{
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &replay->domain};
    VsMethod method;
    int64_t code = 0;

    /* A reply has no flags: those of virDomainShutdownFlags stand in the request alone. */
    if (replay->foreign || !method_of(object, &method))
        return;
    vs_json_int(object, "code", &code);
    event.reply.call = replay->call;
    event.reply.ok = vs_json_bool(object, "ok", false);
    event.reply.code = code;
    event.reply.message = vs_json_string(object, "message", NULL);
    event.reply.took = replay->t - replay->asked_at;
    step(replay, &event);
}

static void
play_line(Replay *replay, const VsTraceLine *line)
{
    switch (line->source) {
    case VS_TRACE_LIBVIRT:
        play_libvirt(replay, line->object);
        break;
    case VS_TRACE_QMP:
        play_qmp(replay, line->object);
        break;
    case VS_TRACE_CONNECTION:
        play_connection(replay, g_str_equal(vs_json_string(line->object, "event", ""), "opened"));
        break;
    case VS_TRACE_PROCESS:
        play_process(replay, line->object);
        break;
    case VS_TRACE_CANDIDATES:
        play_candidates(replay, line->object);
        break;
    case VS_TRACE_REQUEST:
        play_request(replay, line->object);
        break;
    case VS_TRACE_REPLY:
        play_reply(replay, line->object);
        break;
    }
}

/* A trace's times are relative; its log's are not, and its last line was written near the end. */
static int64_t
real_base(const VsTrace *trace)
{
    int64_t end = 0, logged;

    if (trace->lines->len > 0)
        end = g_array_index(trace->lines, VsTraceLine, trace->lines->len - 1).t;
    for (unsigned i = trace->log->len - 1; i > 0; i--) {
        if (vs_wallclock_parse(trace->log->pdata[i - 1], &logged, NULL))
            return logged - end;
    }
    return 0;
}

/* A recording begins with a guest that runs, and that was watched for as long as what it was asked
 * counts; unless it tells of that first that libvirt was connected to. Its log is no older. */
static void
begin(Replay *replay)
{
    const VsTraceLine *first =
        replay->trace->lines->len > 0 ? &g_array_index(replay->trace->lines, VsTraceLine, 0) : NULL;

    if (first && first->source == VS_TRACE_CONNECTION && !tells_of_life(first))
        return;
    replay->t = -VS_RUN_ASK_WINDOW;
    play_connection(replay, true);
    pass_time(replay, 0);
}

static void
play(Replay *replay)
{
    begin(replay);
    while (replay->next < replay->trace->lines->len) {
        const VsTraceLine *line = &g_array_index(replay->trace->lines, VsTraceLine, replay->next);

        pass_time(replay, line->t);
        replay->next++;
        play_line(replay, line);
    }
    while (vs_engine_next_timer(replay->engine) != VS_USEC_INFINITY)
        pass_time(replay, vs_engine_next_timer(replay->engine) - MONO_BASE);
}

/* Where a trace's header says no URI. */
#define QEMU "qemu:///trace"

GPtrArray *
vs_trace_replay(const VsTrace *trace, bool foreign)
{
    static const uint8_t seed[16] = "virtstop replay";
    Replay replay = {.trace = trace, .foreign = foreign, .state = VS_STATE_RUNNING};
    VsPolicy policy;

    vs_policy_init(&policy);
    replay.engine = vs_engine_new(seed, &policy);
    vs_engine_set_simulated(replay.engine);
    vs_policy_clear(&policy);
    replay.real_base = real_base(trace);
    replay.domain = (VsDomainId){.uri = (char *)vs_json_string(vs_trace_header(trace), "uri", QEMU),
                                 .name = (char *)"guest",
                                 .id = 1};
    replay.domain.uuid = vs_uuid_derive(seed, 0);
    replay.records = g_ptr_array_new_with_free_func((GDestroyNotify)vs_record_free);

    play(&replay);
    vs_engine_free(replay.engine);
    return replay.records;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/run.h"

#include "util/wallclock.h"

VsRun *
vs_run_new(VsUuid id, int64_t alive_at)
{
    VsRun *run = g_new0(VsRun, 1);

    run->id = id;
    run->alive_at = alive_at;
    run->evidence = json_object_new_array();
    run->stopped = -1;
    return run;
}

void
vs_run_free(VsRun *run)
{
    json_object_put(run->evidence);
    json_object_put(run->past_request);
    g_free(run);
}

json_object *
vs_evidence_new(int64_t real, const char *source)
{
    json_object *item = json_object_new_object();
    g_autofree char *time = vs_wallclock_format(real);

    vs_json_set_string(item, "time", time);
    vs_json_set_string(item, "source", source);
    return item;
}

void
vs_run_witness(VsRun *run, json_object *item)
{
    size_t length = json_object_array_length(run->evidence);

    if (length >= VS_RUN_MAX_EVIDENCE) {
        size_t surplus = length - VS_RUN_MAX_EVIDENCE + 1;

        json_object_array_del_idx(run->evidence, 0, surplus);
        run->dropped += surplus;
    }
    json_object_array_add(run->evidence, item);
}

void
vs_run_new_attempt(VsRun *run)
{
    run->shutdown = VS_SHUTDOWN_REASON_NONE;
    run->shutdown_exact = false;
    run->first_sign = 0;
    run->agent = run->button = (VsAsked){0};
    run->panicked = run->destroy_called = false;
    run->watchdog = VS_WATCHDOG_NONE;
    g_clear_pointer(&run->past_request, json_object_put);
}

void
vs_run_gap(VsRun *run)
{
    run->gap = true;
    run->agent.doubtful = run->button.doubtful = true;
}

static void
prolong(VsAsked *asked, int64_t since, int64_t until)
{
    if (asked->is && asked->own && asked->at >= since)
        asked->expires = MAX(asked->expires, until);
}

void
vs_run_prolong(VsRun *run, int64_t since, int64_t until)
{
    prolong(&run->agent, since, until);
    prolong(&run->button, since, until);
}

void
vs_run_sign(VsRun *run, int64_t mono)
{
    if (run->first_sign == 0)
        run->first_sign = mono;
}

static json_object *
asked_to_json(const VsAsked *asked)
{
    json_object *object;

    if (!asked->is)
        return NULL;
    object = json_object_new_object();
    vs_json_set_bool(object, "own", asked->own);
    vs_json_set_bool(object, "doubtful", asked->doubtful);
    vs_json_set_int(object, "at", asked->at);
    vs_json_set_int(object, "expires", asked->expires);
    return object;
}

static void
asked_from_json(VsAsked *asked, json_object *object)
{
    if (!object)
        return;
    asked->is = vs_json_int(object, "at", &asked->at) && asked->at >= 0 &&
                vs_json_int(object, "expires", &asked->expires);
    asked->own = vs_json_bool(object, "own", false);
    asked->doubtful = vs_json_bool(object, "doubtful", false);
}

static json_object *
end_to_json(const VsRun *run)
{
    json_object *object;

    if (!run->ended)
        return NULL;
    object = json_object_new_object();
    vs_json_set_int(object, "stopped", run->stopped);
    vs_json_set_int(object, "state", run->state);
    vs_json_set_int(object, "reason", run->reason);
    vs_json_set_int(object, "real", run->ended_real);
    vs_json_set_int(object, "mono", run->ended_mono);
    return object;
}

static void
end_from_json(VsRun *run, json_object *object)
{
    int64_t stopped = -1, state = VS_STATE_GONE, reason = 0;

    run->ended = object && vs_json_int(object, "real", &run->ended_real) &&
                 vs_json_int(object, "mono", &run->ended_mono) && run->ended_mono >= 0 &&
                 vs_json_int(object, "stopped", &stopped) && vs_json_int(object, "state", &state) &&
                 vs_json_int(object, "reason", &reason);
    run->stopped = stopped;
    run->state = state;
    run->reason = reason;
}

json_object *
vs_run_to_json(const VsRun *run)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "id", run->id.text);
    vs_json_set_int(object, "alive_at", run->alive_at);
    vs_json_set(object, "evidence", json_object_get(run->evidence));
    vs_json_set_int(object, "dropped", run->dropped);
    vs_json_set_int(object, "shutdown", run->shutdown);
    vs_json_set_bool(object, "shutdown_exact", run->shutdown_exact);
    vs_json_set_int(object, "first_sign", run->first_sign);
    vs_json_set(object, "agent", asked_to_json(&run->agent));
    vs_json_set(object, "button", asked_to_json(&run->button));
    vs_json_set_bool(object, "panicked", run->panicked);
    vs_json_set_bool(object, "destroy_called", run->destroy_called);
    vs_json_set_int(object, "watchdog", run->watchdog);
    vs_json_set_int(object, "watchdog_at", run->watchdog_at);
    vs_json_set_bool(object, "has_qmp", run->has_qmp);
    vs_json_set_bool(object, "agent_seen", run->agent_seen);
    vs_json_set_bool(object, "gap", run->gap);
    vs_json_set(object, "past_request", json_object_get(run->past_request));
    vs_json_set(object, "end", end_to_json(run));
    return object;
}

static int64_t
int_or_0(json_object *object, const char *key)
{
    int64_t value = 0;

    vs_json_int(object, key, &value);
    return value;
}

VsRun *
vs_run_from_json(json_object *object)
{
    const char *id = vs_json_string(object, "id", "");
    json_object *evidence = vs_json_array(object, "evidence");
    VsUuid uuid;
    VsRun *run;

    if (!vs_uuid_is_valid(id) || !evidence)
        return NULL;
    g_strlcpy(uuid.text, id, sizeof(uuid.text));

    run = vs_run_new(uuid, int_or_0(object, "alive_at"));
    json_object_put(run->evidence);
    run->evidence = json_object_get(evidence);
    run->dropped = int_or_0(object, "dropped");
    run->shutdown = CLAMP(int_or_0(object, "shutdown"), 0, VS_SHUTDOWN_REASON_HOST);
    run->shutdown_exact = vs_json_bool(object, "shutdown_exact", false);
    run->first_sign = MAX(int_or_0(object, "first_sign"), 0);
    asked_from_json(&run->agent, vs_json_object(object, "agent"));
    asked_from_json(&run->button, vs_json_object(object, "button"));
    run->panicked = vs_json_bool(object, "panicked", false);
    run->destroy_called = vs_json_bool(object, "destroy_called", false);
    run->watchdog = CLAMP(int_or_0(object, "watchdog"), 0, VS_WATCHDOG_INJECTNMI);
    run->watchdog_at = MAX(int_or_0(object, "watchdog_at"), 0);
    run->has_qmp = vs_json_bool(object, "has_qmp", false);
    run->agent_seen = vs_json_bool(object, "agent_seen", false);
    run->gap = vs_json_bool(object, "gap", false);
    run->past_request = json_object_get(vs_json_object(object, "past_request"));
    end_from_json(run, vs_json_object(object, "end"));
    return run;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/stop-text.h"

#include "util/error.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/wallclock.h"

static const char *const phase_names[VS_N_PHASES] = {
    [VS_PHASE_QUEUED] = "queued",
    [VS_PHASE_PREPARING] = "preparing",
    [VS_PHASE_WAITING] = "waiting",
    [VS_PHASE_RESUMING] = "resuming",
    [VS_PHASE_ASKED] = "asked",
    [VS_PHASE_SETTLING] = "settling",
    [VS_PHASE_DESTROYING] = "destroying",
    [VS_PHASE_GOING_OFF] = "going-off",
    [VS_PHASE_CLEANING_UP] = "cleaning-up",
    [VS_PHASE_OFF] = "off",
};

/* What a daemon that comes after this one has to know of a call: those that are out it has lost. */
static const char *const call_names[VS_N_CALL_STATES] = {
    [VS_CALL_NONE] = "none",
    [VS_CALL_INTENT] = "made", /* by the time that this is on disk */
    [VS_CALL_HELD] = "held",
    [VS_CALL_MADE] = "made",
    [VS_CALL_LOST] = "lost",
    [VS_CALL_REFUSED] = "refused",
    [VS_CALL_ANSWERED] = "answered",
    [VS_CALL_STILL_THERE] = "still-there",
};

static const char *const interruption_names[VS_N_INTERRUPTIONS] = {
    [VS_INTERRUPTED_NOT] = "",
    [VS_INTERRUPTED_BY_STATE] = "state",
    [VS_INTERRUPTED_BY_JOB] = "job",
};

const char *
vs_stop_phase_word(VsStopPhase phase)
{
    return phase_names[phase];
}

json_object *
vs_requester_to_json(const VsRequester *by)
{
    json_object *object = json_object_new_object();

    vs_json_set_int(object, "uid", by->uid);
    if (by->user)
        vs_json_set_string(object, "user", by->user);
    if (by->logged_in)
        vs_json_set_int(object, "login_uid", by->login_uid);
    if (by->pid > 0)
        vs_json_set_int(object, "pid", by->pid);
    if (by->comm)
        vs_json_set_string(object, "comm", by->comm);
    if (by->unit)
        vs_json_set_string(object, "unit", by->unit);
    return object;
}

bool
vs_requester_from_json(VsRequester *ret, json_object *object)
{
    int64_t uid, login_uid, pid = 0;

    if (!object || !vs_json_int(object, "uid", &uid))
        return false;
    vs_json_int(object, "pid", &pid);
    *ret = (VsRequester){.uid = uid, .pid = pid};
    ret->logged_in = vs_json_int(object, "login_uid", &login_uid);
    ret->login_uid = ret->logged_in ? login_uid : 0;
    ret->user = g_strdup(vs_json_string(object, "user", NULL));
    ret->comm = g_strdup(vs_json_string(object, "comm", NULL));
    ret->unit = g_strdup(vs_json_string(object, "unit", NULL));
    return true;
}

static json_object *
steps_json(const VsStop *stop)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < stop->taken->len; i++) {
        const VsStepTaken *taken = stop->taken->pdata[i];
        json_object *object = json_object_new_object();
        g_autofree char *started = vs_wallclock_format(taken->started);

        vs_json_set_string(object, "method", vs_method_name(taken->method));
        vs_json_set_string(object, "started", started);
        vs_json_set(object, "took_ms",
                    taken->took >= 0 ? json_object_new_int64(taken->took / 1000) : NULL);
        vs_json_set_string(object, "result", taken->result);
        json_object_array_add(array, object);
    }
    return array;
}

json_object *
vs_stop_request(const VsStop *stop, VsOutcome outcome)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "stop", stop->id.text);
    vs_json_set(object, "by", stop->by_known ? vs_requester_to_json(&stop->by) : NULL);
    vs_json_set_string(object, "reason", stop->reason);
    vs_json_set_string(object, "outcome", vs_outcome_name(outcome));
    if (stop->waited_for)
        vs_json_set_string(object, "waited_for", stop->waited_for);
    vs_json_set(object, "steps", steps_json(stop));
    return object;
}

static json_object *
taken_to_json(const VsStop *stop)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < stop->taken->len; i++) {
        const VsStepTaken *taken = stop->taken->pdata[i];
        json_object *object = json_object_new_object();

        vs_json_set_string(object, "method", vs_method_name(taken->method));
        vs_json_set_int(object, "started", taken->started);
        vs_json_set_int(object, "since", taken->since);
        vs_json_set_int(object, "took", taken->took);
        vs_json_set_string(object, "result", taken->result);
        json_object_array_add(array, object);
    }
    return array;
}

json_object *
vs_stop_to_json(const VsStop *stop)
{
    json_object *object = json_object_new_object();
    g_autofree char *ladder = vs_ladder_format(&stop->ladder);

    vs_json_set_string(object, "id", stop->id.text);
    vs_json_set_string(object, "ladder", ladder);
    vs_json_set_bool(object, "by_policy", stop->by_policy);
    vs_json_set_int(object, "step", stop->step);
    vs_json_set_string(object, "phase", vs_stop_phase_word(stop->phase));
    vs_json_set_int(object, "since", stop->since);
    vs_json_set_bool(object, "prepared", stop->preparation != VS_PREPARATION_NONE);
    vs_json_set_string(object, "call", call_names[stop->call.state]);
    vs_json_set_string(object, "message", stop->call.message);
    vs_json_set_int(object, "asked_real", stop->asked_real);
    vs_json_set_int(object, "asked_mono", stop->asked_mono);
    vs_json_set_int(object, "deadline", stop->deadline);
    vs_json_set_int(object, "more", stop->more);
    vs_json_set_int(object, "presses", stop->presses);
    vs_json_set_int(object, "failures", stop->failures);
    vs_json_set_int(object, "retries", stop->retries);
    vs_json_set_bool(object, "rebooted", stop->rebooted > 0);
    vs_json_set_int(object, "boots", stop->boots);
    vs_json_set_int(object, "next_at", stop->next_at);
    if (stop->interrupted != VS_INTERRUPTED_NOT)
        vs_json_set_string(object, "interrupted", interruption_names[stop->interrupted]);
    vs_json_set_int(object, "freed", stop->freed);
    vs_json_set_int(object, "passed", stop->passed);
    vs_json_set_int(object, "granted", stop->watch.granted);
    vs_json_set_bool(object, "halted", stop->halted);
    if (vs_stop_is_of_host_stop(stop))
        vs_json_set_string(object, "host_stop", stop->host_stop.text);
    vs_json_set_int(object, "until", stop->until);
    vs_json_set_int(object, "no_later", stop->no_later);
    vs_json_set_int(object, "turn_by", stop->turn_by);
    vs_json_set(object, "by", stop->by_known ? vs_requester_to_json(&stop->by) : NULL);
    vs_json_set_string(object, "waited_for", stop->waited_for);
    vs_json_set_string(object, "reason", stop->reason);
    vs_json_set(object, "taken", taken_to_json(stop));
    return object;
}

static bool
damaged(GError **error)
{
    g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID, _("its stop can't be read"));
    return false;
}

static bool
method_from_json(json_object *object, int64_t schema, VsMethod *ret, GError **error)
{
    /* As they were numbered when numbers were written. */
    static const VsMethod old[] = {VS_METHOD_AGENT,   VS_METHOD_POWER_BUTTON, VS_METHOD_SAVE,
                                   VS_METHOD_DESTROY, VS_METHOD_LEAVE,        VS_METHOD_RESUME};
    const char *names[VS_N_METHODS];
    int64_t number;
    int method;

    if (schema == 1) {
        if (!vs_json_int(object, "method", &number) || number < 0 ||
            number >= (int64_t)G_N_ELEMENTS(old))
            return damaged(error);
        *ret = old[number];
        return true;
    }
    for (int i = 0; i < VS_N_METHODS; i++)
        names[i] = vs_method_name(i);
    if (!vs_json_word(object, "method", names, VS_N_METHODS, &method, error))
        return false;
    *ret = method;
    return true;
}

static bool
taken_from_json(VsStop *stop, json_object *array, int64_t schema, GError **error)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *object = json_object_array_get_idx(array, i);
        VsTime since = {0};
        VsMethod method;
        VsStepTaken *taken;
        int64_t took;

        if (!method_from_json(object, schema, &method, error))
            return false;
        if (!vs_json_int(object, "started", &since.real) ||
            !vs_json_int(object, "since", &since.mono) || since.mono < 0 ||
            !vs_json_int(object, "took", &took))
            return damaged(error);
        vs_stop_begin_step(stop, method, since);
        taken = vs_stop_last_taken(stop);
        taken->took = took;
        taken->result = g_strdup(vs_json_string(object, "result", NULL));
    }
    return array || damaged(error);
}

static int64_t
int_or(json_object *object, const char *key, int64_t fallback)
{
    int64_t value = fallback;

    vs_json_int(object, key, &value);
    return value;
}

/* Schema 1 had six phases, and flags. */
static bool
old_phase_from_json(VsStop *stop, json_object *object, VsOldPart *ret_part, GError **error)
{
    static const VsStopPhase old[] = {VS_PHASE_QUEUED, VS_PHASE_WAITING,   VS_PHASE_RESUMING,
                                      VS_PHASE_ASKED,  VS_PHASE_GOING_OFF, VS_PHASE_OFF};
    int64_t number = int_or(object, "phase", -1);
    bool destroying = vs_json_bool(object, "destroying", false);

    if (number < 0 || number >= (int64_t)G_N_ELEMENTS(old))
        return damaged(error);
    stop->phase = old[number];
    if (stop->phase == VS_PHASE_ASKED && destroying)
        stop->phase = VS_PHASE_DESTROYING;
    stop->call.state = vs_json_bool(object, "answered", false) ? VS_CALL_ANSWERED : VS_CALL_LOST;
    if (vs_json_bool(object, "still_there", false))
        stop->call.state = VS_CALL_STILL_THERE;
    stop->next_at = int_or(object, "next_press", VS_USEC_INFINITY);
    ret_part->deadline = int_or(object, "host_deadline", 0);
    ret_part->shutdown = vs_json_bool(object, "host_down", false);
    if (vs_json_bool(object, "queued", false))
        stop->until = 0;
    return true;
}

/* These were not kept at first. */
static bool
interruption_from_json(VsStop *stop, json_object *object, GError **error)
{
    int interrupted = VS_INTERRUPTED_NOT;

    if (vs_json_string(object, "interrupted", NULL) &&
        !vs_json_word(object, "interrupted", interruption_names, VS_N_INTERRUPTIONS, &interrupted,
                      error))
        return false;
    stop->interrupted = interrupted;
    stop->freed = CLAMP(int_or(object, "freed", 0), 0, 1000);
    stop->watch.granted = MAX(int_or(object, "granted", 0), 0);
    stop->halted = vs_json_bool(object, "halted", false);
    stop->passed = CLAMP(int_or(object, "passed", 0), 0, UINT32_MAX);
    return true;
}

static bool
phase_from_json(VsStop *stop, json_object *object, GError **error)
{
    const char *host_stop = vs_json_string(object, "host_stop", NULL);
    int phase, call;

    if (!vs_json_word(object, "phase", phase_names, VS_N_PHASES, &phase, error) ||
        !vs_json_word(object, "call", call_names, VS_N_CALL_STATES, &call, error) ||
        !interruption_from_json(stop, object, error))
        return false;
    if (host_stop && !vs_uuid_is_valid(host_stop))
        return damaged(error);
    if (host_stop)
        g_strlcpy(stop->host_stop.text, host_stop, sizeof(stop->host_stop.text));
    stop->phase = phase;
    stop->call.state = call;
    stop->call.message = g_strdup(vs_json_string(object, "message", NULL));
    stop->next_at = int_or(object, "next_at", VS_USEC_INFINITY);
    stop->since = MAX(int_or(object, "since", 0), 0);
    stop->failures = CLAMP(int_or(object, "failures", 0), 0, 1);
    stop->retries = CLAMP(int_or(object, "retries", 0), 0, G_MAXINT);
    stop->rebooted = vs_json_bool(object, "rebooted", false);
    stop->boots = MAX(int_or(object, "boots", 0), 0);
    if (vs_json_bool(object, "prepared", false) || phase == VS_PHASE_PREPARING)
        stop->preparation = VS_PREPARATION_OVER;
    return true;
}

/* What was out is lost with the daemon that had made it; nobody had got to what was held. */
static void
lose_call(VsStop *stop)
{
    const VsStepTaken *last = vs_stop_last_taken(stop);

    stop->call.since = 0;
    if (last)
        stop->call.method = last->method;
    if (stop->phase >= VS_PHASE_GOING_OFF && stop->call.state != VS_CALL_STILL_THERE)
        stop->call.state = VS_CALL_NONE;
    else if (stop->phase < VS_PHASE_RESUMING)
        stop->call.state = VS_CALL_NONE;
    else if (stop->call.state < VS_CALL_ANSWERED && stop->call.state != VS_CALL_HELD)
        stop->call.state = VS_CALL_LOST;
}

static bool
numbers_from_json(VsStop *stop, json_object *object)
{
    int64_t step, presses;

    if (!vs_json_int(object, "step", &step) || step < 0 || step > stop->ladder.n_steps ||
        !vs_json_int(object, "presses", &presses) || presses < 0 ||
        !vs_json_int(object, "asked_real", &stop->asked_real) ||
        !vs_json_int(object, "asked_mono", &stop->asked_mono) ||
        !vs_json_int(object, "deadline", &stop->deadline))
        return false;
    stop->step = step;
    stop->presses = presses;
    stop->until = MAX(int_or(object, "until", 0), 0);
    stop->no_later = MAX(int_or(object, "no_later", VS_USEC_INFINITY), 1);
    stop->turn_by = MAX(int_or(object, "turn_by", VS_USEC_INFINITY), 0);
    stop->more = MAX(int_or(object, "more", 0), 0);
    return true;
}

/* Has what the phase has no use for cleared, too. */
static bool
settle(VsStop *stop, GError **error)
{
    int64_t since = stop->since > 0 ? stop->since : stop->asked_mono;

    lose_call(stop);
    vs_stop_set_phase(stop, stop->phase, (VsTime){.mono = since});
    return (!vs_stop_complaint(stop) || stop->phase == VS_PHASE_QUEUED) || damaged(error);
}

VsStop *
vs_stop_from_json(json_object *object, int64_t schema, VsOldPart *ret_part, GError **error)
{
    const char *id = vs_json_string(object, "id", "");
    VsLadder ladder;
    VsStop *stop;

    *ret_part = (VsOldPart){0};
    if (!vs_uuid_is_valid(id) ||
        !vs_ladder_parse(vs_json_string(object, "ladder", ""), &ladder, NULL)) {
        damaged(error);
        return NULL;
    }
    stop = vs_stop_new((VsUuid){0}, &ladder, (VsTime){0});
    stop->by_policy = vs_json_bool(object, "by_policy", false);
    g_strlcpy(stop->id.text, id, sizeof(stop->id.text));
    stop->reason = g_strdup(vs_json_string(object, "reason", NULL));
    stop->waited_for = g_strdup(vs_json_string(object, "waited_for", NULL));
    stop->by_known = vs_requester_from_json(&stop->by, vs_json_object(object, "by"));
    if ((numbers_from_json(stop, object) || damaged(error)) &&
        (schema == 1 ? old_phase_from_json(stop, object, ret_part, error)
                     : phase_from_json(stop, object, error)) &&
        taken_from_json(stop, vs_json_array(object, "taken"), schema, error) && settle(stop, error))
        return stop;
    vs_stop_free(stop);
    return NULL;
}

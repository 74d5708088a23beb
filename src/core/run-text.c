/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/run-text.h"

#include "core/candidates.h"
#include "util/error.h"
#include "util/i18n.h"
#include "util/json.h"
#include "util/text.h"

static const char *const shutdown_names[] = {
    [VS_SHUTDOWN_REASON_NONE] = "none",
    [VS_SHUTDOWN_REASON_GUEST] = "guest",
    [VS_SHUTDOWN_REASON_GUEST_RESET] = "guest-reset",
    [VS_SHUTDOWN_REASON_GUEST_PANIC] = "guest-panic",
    [VS_SHUTDOWN_REASON_HOST_SIGNAL] = "host-signal",
    [VS_SHUTDOWN_REASON_HOST_QUIT] = "host-quit",
    [VS_SHUTDOWN_REASON_HOST_ERROR] = "host-error",
    [VS_SHUTDOWN_REASON_HOST] = "host",
};

static const char *const asker_names[] = {
    [VS_ASKED_BY_NOBODY] = "nobody",
    [VS_ASKED_BY_SOMEBODY] = "somebody",
    [VS_ASKED_BY_LIBVIRT] = "libvirt",
    [VS_ASKED_BY_US] = "virtstopd",
};

static const char *const phase_names[VS_N_RUN_PHASES] = {
    [VS_RUN_ALIVE] = "alive",         [VS_RUN_MISSED] = "missed",         [VS_RUN_ENDED] = "ended",
    [VS_RUN_READING] = "reading-log", [VS_RUN_RECORDING] = "reading-log", /* who takes it over asks
                                                                             the history */
};

static json_object *
asked_to_json(const VsAsked *asked)
{
    json_object *object;

    if (asked->by == VS_ASKED_BY_NOBODY)
        return NULL;
    object = json_object_new_object();
    vs_json_set_string(object, "by", asker_names[asked->by]);
    vs_json_set_bool(object, "doubtful", asked->doubtful);
    if (asked->heard != VS_HEARD_PERHAPS)
        vs_json_set_bool(object, asked->heard == VS_HEARD_YES ? "heard" : "unheard", true);
    if (asked->again)
        vs_json_set_bool(object, "again", true);
    if (asked->first > 0)
        vs_json_set_int(object, "first", asked->first);
    vs_json_set_int(object, "at", asked->at);
    vs_json_set_int(object, "expires", asked->expires);
    if (asked->cut_at > 0)
        vs_json_set_int(object, "cut_at", asked->cut_at);
    if (asked->awake)
        vs_json_set_bool(object, "awake", true);
    if (asked->still > 0)
        vs_json_set_int(object, "still", asked->still);
    return object;
}

static json_object *
reboot_to_json(const VsReboot *reboot)
{
    json_object *object;

    if (reboot->at == 0)
        return NULL;
    object = json_object_new_object();
    vs_json_set_bool(object, "down", reboot->down);
    vs_json_set_bool(object, "off", reboot->off);
    vs_json_set_bool(object, "ends", reboot->ends);
    vs_json_set_bool(object, "exact", reboot->exact);
    vs_json_set_bool(object, "press_told", reboot->press_told);
    vs_json_set(object, "agent", asked_to_json(&reboot->agent));
    vs_json_set(object, "button", asked_to_json(&reboot->button));
    vs_json_set(object, "request", asked_to_json(&reboot->request));
    vs_json_set_int(object, "at", reboot->at);
    return object;
}

static json_object *
end_to_json(const VsRun *run)
{
    json_object *object;

    if (run->phase == VS_RUN_ALIVE)
        return NULL;
    object = json_object_new_object();
    vs_json_set_string(object, "phase", phase_names[run->phase]);
    vs_json_set_int(object, "until", run->until);
    vs_json_set_int(object, "stopped", run->stopped);
    vs_json_set_int(object, "state", run->state);
    vs_json_set_int(object, "reason", run->reason);
    vs_json_set_int(object, "real", run->ended_real);
    vs_json_set_int(object, "mono", run->ended_mono);
    return object;
}

/* That it is watched does not outlive the daemon. */
static json_object *
process_to_json(const VsRun *run)
{
    json_object *object;

    if (run->watch != VS_PROCESS_ENDED)
        return NULL;
    object = json_object_new_object();
    vs_process_end_to_json(&run->process, object);
    return object;
}

json_object *
vs_run_to_json(const VsRun *run)
{
    json_object *object = json_object_new_object();

    vs_json_set_string(object, "id", run->id.text);
    vs_json_set_int(object, "alive_at", run->alive_at);
    vs_json_set(object, "evidence", json_object_get(run->evidence));
    vs_json_set_int(object, "dropped", run->dropped);
    vs_json_set_string(object, "shutdown", shutdown_names[run->shutdown]);
    vs_json_set_bool(object, "shutdown_exact", run->shutdown_exact);
    vs_json_set_int(object, "first_sign", run->first_sign);
    vs_json_set(object, "agent", asked_to_json(&run->agent));
    vs_json_set(object, "button", asked_to_json(&run->button));
    vs_json_set(object, "others", asked_to_json(&run->others));
    vs_json_set(object, "request", asked_to_json(&run->request));
    vs_json_set_bool(object, "press_told", run->press_told);
    vs_json_set_bool(object, "port_closed", run->port_closed);
    vs_json_set_bool(object, "dead", run->dead);
    vs_json_set_int(object, "port_closed_at", run->port_closed_at);
    vs_json_set_int(object, "still_since", run->still_since);
    vs_json_set_bool(object, "panicked", run->panicked);
    vs_json_set_bool(object, "destroy_called", run->destroy_called);
    vs_json_set_bool(object, "terminated", run->terminated);
    vs_json_set_bool(object, "reaped", run->reaped);
    vs_json_set_bool(object, "kept", run->kept);
    vs_json_set_int(object, "watchdog", run->watchdog);
    vs_json_set_int(object, "watchdog_at", run->watchdog_at);
    vs_json_set(object, "circumstances", vs_circumstances_to_json(&run->circumstances));
    vs_json_set(object, "reboot", reboot_to_json(&run->reboot));
    vs_json_set_bool(object, "has_qmp", run->has_qmp);
    vs_json_set_bool(object, "agent_seen", run->agent_seen);
    vs_json_set_int(object, "gap_at", run->gap_at);
    vs_json_set_int(object, "deaf_at", run->deaf_at);
    vs_json_set(object, "absence", vs_absence_to_json(&run->absence));
    vs_json_set_int(object, "found_at", run->found_at);
    vs_json_set(object, "past_request", json_object_get(run->past_request));
    vs_json_set(object, "candidates", json_object_get(run->candidates));
    vs_json_set_int(object, "candidates_asked", run->candidates_asked);
    vs_json_set_int(object, "candidates_at", run->candidates_at);
    vs_json_set(object, "process", process_to_json(run));
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

/* Without a word it isn't known, nor where "heard" is false, as versions before wrote it. */
static VsHeard
heard_from_json(json_object *object)
{
    if (vs_json_bool(object, "heard", false))
        return VS_HEARD_YES;
    return vs_json_bool(object, "unheard", false) ? VS_HEARD_NO : VS_HEARD_PERHAPS;
}

static bool
asked_from_json(VsAsked *asked, json_object *object, int64_t schema, GError **error)
{
    int by = VS_ASKED_BY_SOMEBODY;

    if (!object)
        return true;
    if (schema == 1)
        by = vs_json_bool(object, "own", false) ? VS_ASKED_BY_US : VS_ASKED_BY_SOMEBODY;
    else if (!vs_json_word(object, "by", asker_names, G_N_ELEMENTS(asker_names), &by, error))
        return false;
    if (!vs_json_int(object, "at", &asked->at) || asked->at < 0 ||
        !vs_json_int(object, "expires", &asked->expires))
        return true; /* without its times it explains nothing */
    asked->by = by;
    asked->first = CLAMP(int_or_0(object, "first"), 0, asked->at);
    asked->again = vs_json_bool(object, "again", false);
    asked->doubtful = vs_json_bool(object, "doubtful", false);
    asked->heard = heard_from_json(object);
    asked->cut_at = MAX(int_or_0(object, "cut_at"), 0);
    asked->awake = vs_json_bool(object, "awake", false);
    asked->still = CLAMP(int_or_0(object, "still"), 0, G_MAXINT64 / 2);
    return true;
}

static bool
reboot_from_json(VsReboot *reboot, json_object *object, int64_t schema, GError **error)
{
    if (!object || int_or_0(object, "at") <= 0)
        return true;
    reboot->down = vs_json_bool(object, "down", false);
    reboot->off = vs_json_bool(object, "off", false);
    reboot->ends = vs_json_bool(object, "ends", false);
    reboot->exact = vs_json_bool(object, "exact", false);
    reboot->press_told = vs_json_bool(object, "press_told", false);
    reboot->at = int_or_0(object, "at");
    return asked_from_json(&reboot->agent, vs_json_object(object, "agent"), schema, error) &&
           asked_from_json(&reboot->button, vs_json_object(object, "button"), schema, error) &&
           asked_from_json(&reboot->request, vs_json_object(object, "request"), schema, error);
}

static bool
end_from_json(VsRun *run, json_object *object, int64_t schema, GError **error)
{
    int64_t stopped = -1, state = VS_STATE_GONE, reason = 0;
    int phase = VS_RUN_READING;

    if (!object || !vs_json_int(object, "real", &run->ended_real) ||
        !vs_json_int(object, "mono", &run->ended_mono) || run->ended_mono < 0 ||
        !vs_json_int(object, "stopped", &stopped) || !vs_json_int(object, "state", &state) ||
        !vs_json_int(object, "reason", &reason))
        return true;
    if (schema > 1 &&
        !vs_json_word(object, "phase", phase_names, G_N_ELEMENTS(phase_names), &phase, error))
        return false;
    run->phase = phase;
    run->until = MAX(int_or_0(object, "until"), 0);
    run->stopped = stopped;
    run->state = state;
    run->reason = reason;
    return true;
}

static bool
shutdown_from_json(VsRun *run, json_object *object, int64_t schema, GError **error)
{
    int reason = 0;

    if (schema == 1)
        reason = CLAMP(int_or_0(object, "shutdown"), 0, VS_SHUTDOWN_REASON_HOST);
    else if (!vs_json_word(object, "shutdown", shutdown_names, G_N_ELEMENTS(shutdown_names),
                           &reason, error))
        return false;
    run->shutdown = reason;
    return true;
}

static void
process_from_json(VsRun *run, json_object *object)
{
    VsProcessEnd end;

    if (!object)
        return;
    end = vs_process_end_from_json(object);
    vs_run_process_ended(run, &end);
}

/* An answer that is still to come went with the daemon that had asked. */
static void
candidates_from_json(VsRun *run, json_object *object)
{
    run->candidates = vs_candidates_read(vs_json_array(object, "candidates"));
    run->candidates_asked = MAX(int_or_0(object, "candidates_asked"), 0);
    run->candidates_at = MAX(int_or_0(object, "candidates_at"), 0);
    if (run->candidates_at == 0)
        run->candidates_at = run->candidates_asked;
}

static bool
facts_from_json(VsRun *run, json_object *object, int64_t schema, GError **error)
{
    run->dropped += CLAMP(int_or_0(object, "dropped"), 0, G_MAXINT);
    run->shutdown_exact = vs_json_bool(object, "shutdown_exact", false);
    run->first_sign = MAX(int_or_0(object, "first_sign"), 0);
    run->press_told = vs_json_bool(object, "press_told", false);
    run->port_closed = vs_json_bool(object, "port_closed", false);
    run->dead = vs_json_bool(object, "dead", false);
    vs_json_int(object, "port_closed_at", &run->port_closed_at);
    run->still_since = MAX(int_or_0(object, "still_since"), 0);
    run->panicked = vs_json_bool(object, "panicked", false);
    run->destroy_called = vs_json_bool(object, "destroy_called", false);
    run->terminated = vs_json_bool(object, "terminated", false);
    run->reaped = vs_json_bool(object, "reaped", false);
    run->kept = vs_json_bool(object, "kept", false);
    run->watchdog = CLAMP(int_or_0(object, "watchdog"), 0, VS_WATCHDOG_INJECTNMI);
    run->watchdog_at = MAX(int_or_0(object, "watchdog_at"), 0);
    run->has_qmp = vs_json_bool(object, "has_qmp", false);
    run->agent_seen = vs_json_bool(object, "agent_seen", false);
    run->gap_at = MAX(int_or_0(object, "gap_at"), 0);
    run->deaf_at = MAX(int_or_0(object, "deaf_at"), 0);
    run->absence = vs_absence_from_json(vs_json_object(object, "absence"));
    run->found_at = MAX(int_or_0(object, "found_at"), 0);
    run->past_request = json_object_get(vs_json_object(object, "past_request"));
    candidates_from_json(run, object);
    vs_circumstances_from_json(&run->circumstances, vs_json_object(object, "circumstances"));
    process_from_json(run, vs_json_object(object, "process"));
    return shutdown_from_json(run, object, schema, error) &&
           asked_from_json(&run->agent, vs_json_object(object, "agent"), schema, error) &&
           asked_from_json(&run->button, vs_json_object(object, "button"), schema, error) &&
           asked_from_json(&run->others, vs_json_object(object, "others"), schema, error) &&
           asked_from_json(&run->request, vs_json_object(object, "request"), schema, error) &&
           reboot_from_json(&run->reboot, vs_json_object(object, "reboot"), schema, error) &&
           end_from_json(run, vs_json_object(object, "end"), schema, error);
}

static void
take_evidence(VsRun *run, json_object *evidence)
{
    for (size_t i = 0; i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);

        if (json_object_is_type(item, json_type_object))
            vs_run_witness(run, json_object_get(item));
    }
}

VsRun *
vs_run_from_json(json_object *object, int64_t schema, GError **error)
{
    const char *id = vs_json_string(object, "id", "");
    json_object *evidence = vs_json_array(object, "evidence");
    VsUuid uuid;
    VsRun *run;

    if (!vs_uuid_is_valid(id) || !evidence) {
        g_set_error_literal(error, VS_ERROR, VS_ERROR_INVALID,
                            _("its run has no id, or no evidence"));
        return NULL;
    }
    g_strlcpy(uuid.text, id, sizeof(uuid.text));
    run = vs_run_new(uuid, int_or_0(object, "alive_at"));
    take_evidence(run, evidence);
    if (!facts_from_json(run, object, schema, error))
        g_clear_pointer(&run, vs_run_free);
    return run;
}

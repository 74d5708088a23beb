/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/revival.h"

#include "util/span.h"

static const char *const phase_names[VS_N_REVIVAL_PHASES] = {
    [VS_REVIVAL_NONE] = "idle",
    [VS_REVIVAL_ENDED] = "ended",
    [VS_REVIVAL_DUE] = "due",
    [VS_REVIVAL_STARTING] = "starting",
    [VS_REVIVAL_LIMIT] = "limit-reached",
};

void
vs_revival_clear(VsRevival *revival)
{
    g_clear_pointer(&revival->message, g_free);
    *revival = (VsRevival){0};
}

void
vs_revival_ended(VsRevival *revival, VsUuid run, const VsVerdict *verdict, bool asked)
{
    if (g_str_equal(revival->run.text, run.text))
        return;
    g_clear_pointer(&revival->message, g_free);
    *revival = (VsRevival){
        .phase = VS_REVIVAL_ENDED,
        .run = run,
        .cause = verdict->cause,
        .signal = verdict->signal,
        .asked = asked,
        .since = revival->since,
        .n = revival->n,
    };
}

const char *
vs_revival_phase_name(VsRevivalPhase phase)
{
    return phase_names[phase];
}

const char *
vs_revival_when_name(VsRestartWhen when)
{
    static const char *const names[] = {
        [VS_RESTART_NO] = "no",
        [VS_RESTART_ON_FAILURE] = "on-failure",
        [VS_RESTART_ALWAYS] = "always",
    };

    return names[when];
}

/* As systemd counts them: SIGHUP, SIGINT, SIGTERM and SIGPIPE end a service in order; of these QEMU
 * tells the first three. One that isn't known can only have been one of them. */
static bool
is_unclean_signal(int signal)
{
    return signal != 0 && signal != 1 && signal != 2 && signal != 15;
}

/* It was cut off, and nobody meant it. */
static bool
is_failure(const VsRevival *revival)
{
    switch (revival->cause) {
    case VS_CAUSE_GUEST_PANIC:
    case VS_CAUSE_WATCHDOG:
    case VS_CAUSE_CRASHED:
    case VS_CAUSE_OUT_OF_MEMORY:
        return true;
    case VS_CAUSE_HOST_SIGNAL:
        return is_unclean_signal(revival->signal);
    default:
        return false;
    }
}

/* Somebody wanted it off, or it isn't off at all but elsewhere, on disk, or at another time of its
 * own; or it never ran. */
static bool
is_wish(VsCause cause)
{
    switch (cause) {
    case VS_CAUSE_GUEST_AGENT:
    case VS_CAUSE_POWER_BUTTON:
    case VS_CAUSE_GUEST_REQUEST:
    case VS_CAUSE_MONITOR_QUIT:
    case VS_CAUSE_DESTROYED:
    case VS_CAUSE_SAVED:
    case VS_CAUSE_MIGRATED:
    case VS_CAUSE_START_FAILED:
    case VS_CAUSE_SNAPSHOT_REVERTED:
    case VS_CAUSE_HOST_FAILURE:
        return true;
    default:
        return false;
    }
}

bool
vs_revival_is_wanted(const VsRevival *revival, VsRestartWhen when)
{
    if (revival->asked || when == VS_RESTART_NO)
        return false;
    return when == VS_RESTART_ALWAYS ? !is_wish(revival->cause) : is_failure(revival);
}

static bool
is_limited(const VsGuestPolicy *policy)
{
    return policy->start_limit_interval > 0 && policy->start_limit_burst > 0;
}

/* Whether what was counted so far is of a time that is over. */
static bool
is_past(const VsRevival *revival, const VsGuestPolicy *policy, int64_t now)
{
    return revival->since == 0 || now - revival->since >= policy->start_limit_interval;
}

bool
vs_revival_count(VsRevival *revival, const VsGuestPolicy *policy, int64_t now)
{
    if (!is_limited(policy) || is_past(revival, policy, now)) {
        revival->since = now;
        revival->n = 0;
    } else if (revival->n >= policy->start_limit_burst) {
        return false;
    }
    revival->n++;
    return true;
}

bool
vs_revival_is_kept(const VsRevival *revival, const VsGuestPolicy *policy, int64_t now)
{
    return revival->phase != VS_REVIVAL_NONE || (revival->n > 0 && !is_past(revival, policy, now));
}

json_object *
vs_revival_to_json(const VsRevival *revival)
{
    json_object *object;

    if (revival->phase == VS_REVIVAL_NONE && revival->n == 0)
        return NULL;
    object = json_object_new_object();
    vs_json_set_string(object, "phase", phase_names[revival->phase]);
    vs_json_set_string(object, "run", revival->run.text);
    vs_json_set_string(object, "cause", vs_cause_name(revival->cause));
    vs_json_set_int(object, "at", revival->at);
    vs_json_set_int(object, "since", revival->since);
    vs_json_set_int(object, "n", revival->n);
    return object;
}

/* What a daemon before us judged was reckoned with at once, so "ended" is never kept. */
static VsRevivalPhase
taken_over(int phase)
{
    if (phase == VS_REVIVAL_STARTING)
        return VS_REVIVAL_DUE;
    return phase == VS_REVIVAL_ENDED ? VS_REVIVAL_NONE : (VsRevivalPhase)phase;
}

bool
vs_revival_from_json(VsRevival *revival, json_object *object, GError **error)
{
    int64_t n = 0;
    int phase;

    if (!object)
        return true;
    if (!vs_json_word(object, "phase", phase_names, VS_N_REVIVAL_PHASES, &phase, error))
        return false;
    revival->phase = taken_over(phase);
    g_strlcpy(revival->run.text, vs_json_string(object, "run", ""), sizeof(revival->run.text));
    vs_cause_parse(vs_json_string(object, "cause", ""), &revival->cause);
    vs_json_int(object, "at", &revival->at);
    vs_json_int(object, "since", &revival->since);
    vs_json_int(object, "n", &n);
    revival->at = MAX(revival->at, 0);
    revival->since = MAX(revival->since, 0);
    revival->n = (unsigned)CLAMP(n, 0, G_MAXINT);
    return true;
}

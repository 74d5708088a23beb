/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/run.h"

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

bool
vs_run_is_over(const VsRun *run)
{
    return run->phase >= VS_RUN_ENDED;
}

bool
vs_asked_by_us(const VsAsked *asked, int64_t at)
{
    return asked->by == VS_ASKED_BY_US && at < asked->expires;
}

void
vs_run_witness(VsRun *run, json_object *item)
{
    run->dropped += vs_evidence_add(run->evidence, item);
}

void
vs_run_witness_lifecycle(VsRun *run, int64_t real, int type, int detail)
{
    json_object *item = vs_evidence_new(real, "libvirt");

    vs_json_set_string(item, "event", "lifecycle");
    vs_json_set_string(item, "type", vs_lifecycle_name(type));
    vs_json_set_string(item, "detail", vs_lifecycle_detail_name(type, detail));
    vs_run_witness(run, item);
}

void
vs_run_new_attempt(VsRun *run)
{
    run->shutdown = VS_SHUTDOWN_REASON_NONE;
    run->shutdown_exact = false;
    run->first_sign = 0;
    run->agent = run->button = (VsAsked){0};
    run->press_told = run->panicked = run->destroy_called = false;
    run->watchdog = VS_WATCHDOG_NONE;
    g_clear_pointer(&run->past_request, json_object_put);
    run->attempt++;
}

void
vs_run_resumed(VsRun *run)
{
    if (run->shutdown != VS_SHUTDOWN_REASON_NONE) {
        vs_run_new_attempt(run);
        return;
    }
    run->first_sign = 0;
    run->panicked = false;
}

void
vs_run_asked(VsRun *run, VsMethod method, uint64_t call, int64_t now, int64_t expires)
{
    VsAsked asked = {.by = VS_ASKED_BY_US, .call = call, .at = now, .expires = expires};

    if (method == VS_METHOD_AGENT) {
        run->agent = asked;
        run->port_closed = false;
    } else if (method == VS_METHOD_POWER_BUTTON) {
        run->button = asked;
    } else if (method == VS_METHOD_DESTROY) {
        run->destroy_called = true;
    }
}

bool
vs_run_was_asked(const VsRun *run, VsMethod method)
{
    switch (method) {
    case VS_METHOD_AGENT:
        return run->agent.by == VS_ASKED_BY_US;
    case VS_METHOD_POWER_BUTTON:
        return run->button.by == VS_ASKED_BY_US;
    default:
        return run->destroy_called;
    }
}

static bool
is_by_host(VsShutdownReason reason)
{
    return reason >= VS_SHUTDOWN_REASON_HOST_SIGNAL;
}

/* The end shows. */
static void
note_sign(VsRun *run, int64_t mono)
{
    if (run->first_sign == 0)
        run->first_sign = mono;
}

/* Only a lifecycle event that was quicker than its QMP event gives way to it. */
void
vs_run_shutdown(VsRun *run, VsShutdownReason reason, bool exact, int64_t mono)
{
    bool first = run->shutdown == VS_SHUTDOWN_REASON_NONE;

    if (!first &&
        (run->shutdown_exact || !exact || is_by_host(run->shutdown) != is_by_host(reason)))
        return;
    run->shutdown = reason;
    run->shutdown_exact = exact;
    note_sign(run, mono);
}

void
vs_run_panicked(VsRun *run, int64_t mono)
{
    run->panicked = true;
    note_sign(run, mono);
}

void
vs_run_watchdog(VsRun *run, int action, int64_t mono)
{
    run->watchdog = action;
    run->watchdog_at = mono;
    if (action == VS_WATCHDOG_POWEROFF)
        note_sign(run, mono);
}

void
vs_run_press_told(VsRun *run)
{
    if (run->shutdown == VS_SHUTDOWN_REASON_NONE || !run->shutdown_exact)
        run->press_told = true;
}

VsAsked *
vs_run_find_asked(VsRun *run, uint64_t call)
{
    if (run->agent.by == VS_ASKED_BY_US && run->agent.call == call)
        return &run->agent;
    if (run->button.by == VS_ASKED_BY_US && run->button.call == call)
        return &run->button;
    return NULL;
}

void
vs_run_found(VsRun *run, VsDomainState state)
{
    if (state == VS_STATE_CRASHED)
        run->panicked = true;
    else
        run->sound = true;
}

void
vs_run_heard_late(VsRun *run, uint64_t call, int64_t now)
{
    VsAsked *asked = vs_run_find_asked(run, call);

    if (asked)
        asked->at = now;
}

void
vs_run_gap(VsRun *run, int64_t at)
{
    if (run->gap_at == 0)
        run->gap_at = MAX(at, 1);
    run->deaf_at = MAX(run->deaf_at, MAX(at, 1));
    run->sound = false;
    run->agent.doubtful = run->button.doubtful = true;
}

static void
prolong(VsAsked *asked, int64_t since, int64_t until)
{
    if (asked->by == VS_ASKED_BY_US && asked->at >= since)
        asked->expires = MAX(asked->expires, until);
}

void
vs_run_prolong(VsRun *run, int64_t since, int64_t until)
{
    prolong(&run->agent, since, until);
    prolong(&run->button, since, until);
}

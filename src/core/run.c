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
    vs_circumstances_clear(&run->circumstances);
    json_object_put(run->evidence);
    json_object_put(run->past_request);
    json_object_put(run->candidates);
    g_free(run);
}

bool
vs_run_is_over(const VsRun *run)
{
    return run->phase >= VS_RUN_ENDED;
}

int64_t
vs_run_watched_since(const VsRun *run)
{
    return MAX(run->found_at, run->deaf_at);
}

bool
vs_asked_by_us(const VsAsked *asked, int64_t at)
{
    return asked->by == VS_ASKED_BY_US && asked->heard != VS_HEARD_NO && at < asked->expires;
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

/* Firmware resets the machine once or twice as it starts. */
#define FIRMWARE_SPAN (INT64_C(5) * 1000 * 1000)

/* Between the word of a watchdog and of the reset that it makes. */
#define WATCHDOG_SPAN (INT64_C(2) * 1000 * 1000)

static bool
is_asked(const VsRun *run, int64_t mono)
{
    return vs_asked_by_us(&run->agent, mono) || vs_asked_by_us(&run->button, mono) ||
           vs_asked_by_us(&run->request, mono);
}

static bool
is_of_firmware(const VsRun *run, int64_t mono)
{
    return run->reboot.at > 0 && mono - run->reboot.at < FIRMWARE_SPAN &&
           run->shutdown == VS_SHUTDOWN_REASON_NONE && !is_asked(run, mono);
}

/* libvirt lets the guest run again that it starts anew, and that may come behind the signal by
 * which we end it. */
static bool
is_being_ended(const VsRun *run, int64_t mono)
{
    return run->reboot.ends && mono - run->reboot.at < FIRMWARE_SPAN;
}

/* A reboot that follows what we asked is taken for what became of that, as on_reboot=destroy takes
 * it, too; one that firmware makes as it starts isn't, for nothing was asked then. */
static VsReboot
reboot_of(const VsRun *run, bool by_guest, int64_t mono)
{
    bool off = run->shutdown == VS_SHUTDOWN_REASON_GUEST;
    bool asked = is_asked(run, mono);
    bool bitten = run->watchdog == VS_WATCHDOG_RESET && mono - run->watchdog_at < WATCHDOG_SPAN;

    return (VsReboot){
        .down = off || (by_guest && asked && !run->panicked && !bitten),
        .off = off,
        .ends = off && run->destroy_called,
        .exact = run->shutdown_exact,
        .press_told = run->press_told,
        .agent = run->agent,
        .button = run->button,
        .request = run->request,
        .at = mono,
    };
}

void
vs_run_rebooted(VsRun *run, bool by_guest, int64_t mono)
{
    if (!is_of_firmware(run, mono) && !is_being_ended(run, mono))
        run->reboot = reboot_of(run, by_guest, mono);
    run->shutdown = VS_SHUTDOWN_REASON_NONE;
    run->shutdown_exact = false;
    run->first_sign = 0;
    run->agent = run->button = run->others = run->request = (VsAsked){0};
    run->press_told = run->panicked = run->destroy_called = run->terminated = false;
    run->reaped = run->kept = run->lives_on = run->held = false;
    run->port_closed_at = 0;
    run->dead = false;
    run->watchdog = VS_WATCHDOG_NONE;
    vs_circumstances_clear(&run->circumstances);
    g_clear_pointer(&run->past_request, json_object_put);
    g_clear_pointer(&run->candidates, json_object_put);
    run->candidates_asked = run->candidates_at = 0;
    run->attempt++;
}

void
vs_run_was_reset(VsRun *run, int64_t at)
{
    VsAsked *requests[] = {&run->agent, &run->button, &run->others, &run->request};

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
        if (requests[i]->at < at)
            *requests[i] = (VsAsked){0};
}

void
vs_run_stands_still(VsRun *run, int64_t mono)
{
    if (run->still_since == 0)
        run->still_since = mono;
}

void
vs_run_goes_on(VsRun *run, int64_t mono)
{
    VsAsked *requests[] = {&run->agent, &run->button, &run->others, &run->request};

    for (size_t i = 0; run->still_since > 0 && i < G_N_ELEMENTS(requests); i++)
        requests[i]->still += MAX(mono - MAX(run->still_since, requests[i]->at), 0);
    run->still_since = 0;
}

void
vs_run_resumed(VsRun *run, int64_t mono)
{
    vs_run_goes_on(run, mono);
    if (run->shutdown != VS_SHUTDOWN_REASON_NONE) {
        vs_run_rebooted(run, false, mono);
        return;
    }
    run->first_sign = 0;
    run->panicked = run->dead = false;
}

/* Where a request by that method is kept; NULL: it is none. */
static VsAsked *
asked_by(VsRun *run, VsMethod method)
{
    switch (vs_method_info(method)->effect == VS_EFFECT_ASKS ? vs_method_info(method)->way
                                                             : VS_WAY_NONE) {
    case VS_WAY_AGENT:
        return &run->agent;
    case VS_WAY_ACPI:
        return &run->button;
    case VS_WAY_INIT:
    case VS_WAY_HYPERVISOR:
        return &run->request;
    default:
        return NULL;
    }
}

void
vs_run_asked(VsRun *run, VsMethod method, uint64_t call, int64_t now, int64_t expires)
{
    VsAsked *asked = asked_by(run, method);
    bool stands = asked && vs_asked_by_us(asked, now);
    bool stood = asked && vs_asked_by_us(asked, now - 1); /* until this very moment */

    if (asked == &run->button &&
        (asked->by == VS_ASKED_BY_SOMEBODY || asked->by == VS_ASKED_BY_LIBVIRT))
        run->others = run->button;
    if (asked)
        *asked = (VsAsked){.by = VS_ASKED_BY_US,
                           .call = call,
                           .again = stood && (asked->call != call || asked->again),
                           .first = stands ? asked->first : now,
                           .at = now,
                           .expires = expires};
    if (method == VS_METHOD_AGENT)
        run->port_closed = false;
    else if (method == VS_METHOD_DESTROY)
        run->destroy_called = true;
    else if (method == VS_METHOD_TERMINATE)
        run->terminated = true;
}

void
vs_run_agent_cut(VsRun *run, bool awake, int64_t mono)
{
    run->agent.heard = VS_HEARD_NO;
    run->agent.cut_at = mono;
    run->agent.awake = awake;
}

void
vs_run_was_down(VsRun *run, int64_t at, int64_t mono)
{
    if (!run->agent.awake || at > run->agent.cut_at)
        return;
    run->agent.heard = VS_HEARD_YES;
    if (at < run->agent.expires)
        run->agent.expires = MAX(run->agent.expires, mono + 1);
}

void
vs_run_not_pressed(VsRun *run)
{
    run->button = run->others;
}

/* A press by somebody else that outlives ours. */
static void
let_others_stand(VsRun *run, int64_t at)
{
    if (run->button.by == VS_ASKED_BY_US && run->button.expires <= at && run->others.expires > at)
        vs_run_not_pressed(run);
}

void
vs_run_take_back(VsRun *run, VsMethod method, bool doubtful)
{
    VsAsked *asked = asked_by(run, method);

    if (asked && doubtful)
        asked->doubtful = true;
    else if (asked == &run->button)
        vs_run_not_pressed(run);
    else if (asked)
        *asked = (VsAsked){0};
    else if (method == VS_METHOD_TERMINATE && !doubtful)
        run->terminated = false;
}

bool
vs_run_was_asked(const VsRun *run, VsMethod method)
{
    const VsAsked *asked = asked_by((VsRun *)run, method);

    if (asked)
        return asked->by == VS_ASKED_BY_US;
    if (method == VS_METHOD_TERMINATE)
        return run->terminated;
    return method != VS_METHOD_DESTROY || run->destroy_called;
}

/* A guest whose panic is its end is ended for that by then. */
#define PANIC_SPAN (INT64_C(60) * 1000 * 1000)

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

    if (!first && !is_by_host(run->shutdown) && reason == VS_SHUTDOWN_REASON_HOST_SIGNAL)
        run->reaped = true;
    if (!first &&
        (run->shutdown_exact || !exact || is_by_host(run->shutdown) != is_by_host(reason)))
        return;
    let_others_stand(run, mono);
    run->shutdown = reason;
    run->shutdown_exact = exact;
    if (run->panicked && mono - run->first_sign > PANIC_SPAN)
        run->first_sign = 0; /* it has lived through that */
    note_sign(run, mono);
}

void
vs_run_panicked(VsRun *run, int64_t mono)
{
    run->panicked = true;
    note_sign(run, mono);
}

void
vs_run_lives_on(VsRun *run)
{
    if (run->panicked && run->shutdown == VS_SHUTDOWN_REASON_NONE)
        run->first_sign = 0;
    run->panicked = false;
}

void
vs_run_kept(VsRun *run, int64_t mono)
{
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, false, mono);
    run->kept = true;
}

void
vs_run_recreated(VsRun *run, int64_t mono)
{
    vs_run_rebooted(run, run->shutdown == VS_SHUTDOWN_REASON_GUEST_RESET, mono);
}

void
vs_run_watchdog(VsRun *run, int action, int64_t mono)
{
    run->watchdog = action;
    run->watchdog_at = mono;
    if (action == VS_WATCHDOG_POWEROFF)
        note_sign(run, mono);
}

/* An agent that goes down with its system: libvirt's answer, as from one that isn't there, can be
 * quicker than the word that its port was closed. */
#define CLOSES_SPAN VS_RUN_NEAR

void
vs_run_port_closed(VsRun *run, int64_t mono)
{
    if (run->shutdown == VS_SHUTDOWN_REASON_NONE) /* else QEMU's end did that */
        run->port_closed = true;
    run->port_closed_at = mono;
    if (run->agent.heard == VS_HEARD_NO && !run->agent.awake && mono - run->agent.at < CLOSES_SPAN)
        run->agent.heard = VS_HEARD_PERHAPS;
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
    VsAsked *requests[] = {&run->agent, &run->button, &run->request};

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
        if (requests[i]->by == VS_ASKED_BY_US && requests[i]->call == call)
            return requests[i];
    return NULL;
}

void
vs_run_found(VsRun *run, VsDomainState state)
{
    if (state == VS_STATE_RUNNING) {
        run->still_since = 0; /* since when it runs again, nobody saw */
        vs_run_lives_on(run);
    }
    if (state == VS_STATE_CRASHED)
        run->panicked = true;
    else
        run->sound = true;
}

void
vs_run_heard_late(VsRun *run, uint64_t call, int64_t now)
{
    VsAsked *asked = vs_run_find_asked(run, call);

    if (asked && asked->heard != VS_HEARD_YES)
        asked->at = now;
}

void
vs_run_started(VsRun *run, bool anew, int64_t mono)
{
    run->gap_at = run->deaf_at = 0;
    run->found_at = anew ? 0 : MAX(mono, 1);
}

void
vs_run_gap(VsRun *run, int64_t at)
{
    let_others_stand(run, at);
    if (run->gap_at == 0)
        run->gap_at = MAX(at, 1);
    run->deaf_at = MAX(run->deaf_at, MAX(at, 1));
    run->sound = false;
    run->agent.doubtful = run->button.doubtful = run->request.doubtful = true;
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
    prolong(&run->request, since, until);
}

static void
let_expire(VsAsked *asked, int64_t at)
{
    if (asked->by == VS_ASKED_BY_US)
        asked->expires = MIN(asked->expires, at);
}

void
vs_run_let_expire(VsRun *run, int64_t at)
{
    let_expire(&run->agent, at);
    let_expire(&run->button, at);
    let_expire(&run->request, at);
    let_others_stand(run, at);
}

void
vs_run_process_ended(VsRun *run, const VsProcessEnd *end)
{
    run->watch = VS_PROCESS_ENDED;
    run->process = *end;
}

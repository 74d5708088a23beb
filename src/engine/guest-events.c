/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guest-events.h"

#include "engine/description.h"
#include "engine/event-guest.h"
#include "engine/guest-labels.h"
#include "engine/overtaken.h"
#include "engine/run-candidates.h"
#include "engine/run-end.h"
#include "util/span.h"
#include "util/wallclock.h"

static json_object *
libvirt_evidence(VsEngine *engine, const char *event)
{
    json_object *item = vs_evidence_new(engine->now.real, "libvirt");

    vs_json_set_string(item, "event", event);
    return item;
}

static void
on_lifecycle_shutdown(VsEngine *engine, VsGuest *guest, int detail)
{
    vs_engine_set_state(engine, guest, VS_STATE_SHUTDOWN);
    if (detail == VS_SHUTDOWN_GUEST)
        vs_run_shutdown(guest->run, VS_SHUTDOWN_REASON_GUEST, false, engine->now.mono);
    else if (detail == VS_SHUTDOWN_HOST)
        vs_run_shutdown(guest->run, VS_SHUTDOWN_REASON_HOST, false, engine->now.mono);
    if (guest->run->shutdown == VS_SHUTDOWN_REASON_HOST)
        vs_run_candidates_ask(engine, guest);
}

/* A guest that loaded its crash kernel runs that, to write a dump. */
static void
on_crashed(VsEngine *engine, VsGuest *guest, int detail)
{
    if (detail == VS_CRASHED_CRASHLOADED || guest->run->lives_on)
        return;
    vs_engine_set_state(engine, guest, VS_STATE_CRASHED);
    vs_run_panicked(guest->run, engine->now.mono);
    if (!guest->run->held)
        vs_engine_look_up(engine, guest); /* it may live on */
}

/* One whose process is kept for a backup until that ends is in shutdown, and isn't resumed, which
 * would boot it again. The event doesn't tell a pause by somebody from one for a dump or a
 * snapshot, which ends by itself; the state does. */
static void
on_suspended(VsEngine *engine, VsGuest *guest, int detail)
{
    if (detail == VS_SUSPENDED_GUEST_SHUTDOWN)
        vs_run_kept(guest->run, engine->now.mono);
    vs_run_stands_still(guest->run, engine->now.mono);
    vs_engine_set_state(engine, guest, guest->run->kept ? VS_STATE_SHUTDOWN : VS_STATE_PAUSED);
    guest->state_reason = detail == VS_SUSPENDED_IOERROR    ? VS_PAUSED_IOERROR
                          : detail == VS_SUSPENDED_WATCHDOG ? VS_PAUSED_WATCHDOG
                                                            : -1;
    guest->state_asked = 0; /* what was answered before is of another pause */
}

/* STARTED follows, with the id of its new process. */
static void
on_stopped(VsEngine *engine, VsGuest *guest, int detail)
{
    if (detail != VS_STOPPED_RECREATED) {
        vs_run_end_stopped(engine, guest, detail);
        return;
    }
    vs_run_recreated(guest->run, engine->now.mono);
    guest->run->watch = VS_PROCESS_UNWATCHED;
    guest->domain.id = -1;
    vs_engine_changed(engine, guest);
    vs_engine_look_up(engine, guest); /* in case that it doesn't */
}

/* It was found gone, and waited for in vain, or libvirt told it otherwise first; its record isn't
 * made yet. */
static bool
take_late_stopped(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (event->lifecycle.type != VS_LIFECYCLE_STOPPED || !guest || !guest->run ||
        !vs_run_is_over(guest->run))
        return false;
    if (guest->run->stopped >= 0 && !vs_run_end_amends(guest, event->lifecycle.detail))
        return false;
    vs_run_witness_lifecycle(guest->run, engine->now.real, event->lifecycle.type,
                             event->lifecycle.detail);
    guest->run->stopped = event->lifecycle.detail;
    guest->owed_until = 0;
    return true;
}

static void
on_running(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    VsGuest *known;

    if (event->lifecycle.type == VS_LIFECYCLE_STOPPED && guest &&
        vs_overtaken_stopped(engine, guest, event->lifecycle.detail))
        return;
    if (take_late_stopped(engine, guest, event))
        return;
    known = vs_event_guest(engine, event);
    if (!known)
        return;
    vs_run_witness_lifecycle(known->run, engine->now.real, event->lifecycle.type,
                             event->lifecycle.detail);
    vs_circumstances_lifecycle(&known->run->circumstances, event->lifecycle.type,
                               event->lifecycle.detail, engine->now.real, engine->now.mono);
    switch (event->lifecycle.type) {
    case VS_LIFECYCLE_SUSPENDED:
        on_suspended(engine, known, event->lifecycle.detail);
        break;
    case VS_LIFECYCLE_RESUMED:
        vs_run_goes_on(known->run, engine->now.mono); /* where QEMU's RESUME was told first */
        vs_engine_set_state(engine, known, VS_STATE_RUNNING);
        if (!known->run->has_qmp) /* else QEMU's RESUME, which was there first, has told it */
            vs_run_resumed(known->run, engine->now.mono);
        break;
    case VS_LIFECYCLE_PMSUSPENDED:
        vs_run_stands_still(known->run, engine->now.mono);
        vs_engine_set_state(engine, known, VS_STATE_PMSUSPENDED);
        break;
    case VS_LIFECYCLE_CRASHED:
        on_crashed(engine, known, event->lifecycle.detail);
        break;
    case VS_LIFECYCLE_SHUTDOWN:
        on_lifecycle_shutdown(engine, known, event->lifecycle.detail);
        break;
    case VS_LIFECYCLE_STOPPED:
        on_stopped(engine, known, event->lifecycle.detail);
        break;
    default:
        break;
    }
}

/* Also sent when a suspended guest wakes up, which is no new run. */
static void
on_started(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (!guest)
        guest = vs_engine_add(engine, event->domain);
    if (!guest->run)
        vs_engine_begin_run(engine, guest);
    else if (guest->run->phase == VS_RUN_MISSED)
        vs_run_end_not(guest->run); /* what was told of an end was told of the run before */
    if (event->lifecycle.detail != VS_STARTED_WAKEUP) {
        /* QEMU's own events may be quicker, but here it begins. */
        vs_run_started(guest->run, event->lifecycle.detail == VS_STARTED_BOOTED, engine->now.mono);
        guest->run->absence = (VsAbsence){0};
        guest->run->alive_at = engine->now.real; /* of a guest that is recreated its process */
        guest->left = vs_engine_is_wanted(engine, guest);
        guest->starting = 0;
        guest->owed_until = guest->overtaken_id = 0;
        if (guest->domain.id != event->domain->id) /* else a list told of that process before */
            guest->run->watch = VS_PROCESS_UNWATCHED;
    }
    if (event->domain->id >= 0)
        guest->domain.id = event->domain->id;
    guest->seen = guest->alive = engine->serial;
    vs_run_goes_on(guest->run, engine->now.mono);
    vs_run_witness_lifecycle(guest->run, engine->now.real, event->lifecycle.type,
                             event->lifecycle.detail);
    vs_circumstances_lifecycle(&guest->run->circumstances, event->lifecycle.type,
                               event->lifecycle.detail, engine->now.real, engine->now.mono);
    vs_engine_set_state(engine, guest, VS_STATE_RUNNING);
    vs_engine_changed(engine, guest);
    vs_engine_look_up(engine, guest);
}

void
vs_guest_events_lifecycle(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    vs_engine_connection(engine, event->domain->uri)->told_at = engine->now.mono;
    switch (event->lifecycle.type) {
    case VS_LIFECYCLE_DEFINED:
        if (!guest)
            guest = vs_engine_add(engine, event->domain);
        vs_run_end_defined(engine, guest);
        if (!guest->run)
            vs_guest_labels_drop(engine, guest);
        vs_engine_look_up(engine, guest);
        break;
    case VS_LIFECYCLE_UNDEFINED:
        if (guest)
            vs_engine_look_up(engine, guest);
        break;
    case VS_LIFECYCLE_STARTED:
        on_started(engine, guest, event);
        break;
    default:
        on_running(engine, guest, event);
        break;
    }
}

void
vs_guest_events_reboot(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_event_guest(engine, event);

    if (!guest)
        return;
    vs_run_witness(guest->run, libvirt_evidence(engine, "reboot"));
    /* QEMU's RESET, which was there first, has done it, and the guest may have been asked anew
     * since. */
    if (!guest->run->has_qmp)
        vs_run_rebooted(guest->run, false, engine->now.mono);
}

void
vs_guest_events_watchdog(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_event_guest(engine, event);
    json_object *item;

    if (!guest)
        return;
    item = libvirt_evidence(engine, "watchdog");
    vs_json_set_string(item, "action", vs_watchdog_name(event->watchdog.action));
    vs_run_witness(guest->run, item);
    if (!guest->run->has_qmp) /* else QEMU told, before the reset that came of it */
        vs_run_watchdog(guest->run, event->watchdog.action, engine->now.mono);
}

void
vs_guest_events_agent(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_event_guest(engine, event);
    json_object *item;

    if (!guest)
        return;
    item = libvirt_evidence(engine, "agent-lifecycle");
    vs_json_set_string(item, "state", vs_agent_state_name(event->agent.state));
    vs_json_set_string(item, "reason", event->agent.reason);
    vs_run_witness(guest->run, item);
    guest->run->agent_seen = true;
    if (event->agent.state == VS_AGENT_DISCONNECTED)
        vs_run_port_closed(guest->run, engine->now.mono);
    vs_description_agent(engine, guest, event->agent.state);
}

/* As a record has it; how it came out shows at the end. */
static void
note_request(VsEngine *engine, VsRun *run, VsMethod method)
{
    json_object *step = json_object_new_object();
    g_autofree char *started = vs_wallclock_format(engine->now.real);
    json_object *steps = run->past_request ? vs_json_array(run->past_request, "steps") : NULL;

    if (!steps) {
        steps = json_object_new_array();
        g_clear_pointer(&run->past_request, json_object_put);
        run->past_request = json_object_new_object();
        vs_json_set(run->past_request, "stop", NULL);
        vs_json_set(run->past_request, "by", NULL);
        vs_json_set(run->past_request, "outcome", NULL);
        vs_json_set(run->past_request, "steps", steps);
    }
    vs_json_set_string(step, "method", vs_method_name(method));
    vs_json_set_string(step, "started", started);
    json_object_array_add(steps, step);
}

void
vs_guest_events_requested(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest)
        guest = vs_engine_add(engine, event->domain);
    if (!guest->run)
        vs_engine_begin_run(engine, guest);
    vs_run_asked(guest->run, event->requested.method, event->requested.call, engine->now.mono,
                 vs_later(engine->now.mono, VS_RUN_ASK_WINDOW));
    note_request(engine, guest->run, event->requested.method);
}

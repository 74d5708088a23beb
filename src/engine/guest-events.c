/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guest-events.h"

#include <string.h>

#include "engine/run-end.h"

#include "util/span.h"
#include "util/wallclock.h"

/* What libvirt and QEMU say of a guest becomes evidence and facts of its run. */

/* Between our call of the power button and QEMU's word that it was pressed. */
#define PRESS_ECHO (2 * VS_USEC_PER_SEC)

/* A guest that went and came unseen has a new id. What its new run says while the log of the old
 * one is read is lost, but for its end. */
static void
notice_other_run(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (guest->run && !vs_run_is_over(guest->run) && guest->domain.id >= 0 &&
        event->domain->id >= 0 && guest->domain.id != event->domain->id) {
        vs_run_end_replaced(engine, guest);
        guest->again = true;
    }
}

static bool
is_stopped(const VsEvent *event)
{
    return event->type == VS_EVENT_LIFECYCLE && event->lifecycle.type == VS_LIFECYCLE_STOPPED;
}

/* Whether a STOPPED tells of a run that has its record. */
static bool
is_straggler(const VsEngine *engine, const VsGuest *guest)
{
    return !guest->run ||
           (guest->run->phase == VS_RUN_ALIVE && engine->now.mono < guest->owed_until);
}

/* What was found out before it is older; how the guest is now is asked for anew. */
static void
note_straggler(VsEngine *engine, VsGuest *guest)
{
    guest->seen = engine->serial;
    guest->owed_until = 0;
    guest->again = false;
    if (guest->run)
        vs_engine_look_up(engine, guest);
}

/* The guest of an event, with its run. A domain that we never heard of runs, or there would be no
 * event. One that we know to be off, or gone, doesn't: that event is a straggler, and NULL. */
static VsGuest *
watched(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest && vs_engine_was_removed(engine, event->domain, 0))
        return NULL;
    if (!guest) {
        guest = vs_engine_add(engine, event->domain);
        vs_engine_begin_run(engine, guest);
        guest->run->gap = true;
        vs_engine_look_up(engine, guest);
    }
    notice_other_run(engine, guest, event);
    if (is_stopped(event) && is_straggler(engine, guest)) {
        note_straggler(engine, guest);
        return NULL;
    }
    if (!guest->run || vs_run_is_over(guest->run))
        return NULL;
    guest->seen = guest->alive = engine->serial;
    guest->taken_over = false;
    if (event->domain->id >= 0 && guest->domain.id != event->domain->id) {
        guest->domain.id = event->domain->id;
        vs_engine_changed(engine, guest);
    }
    vs_engine_unsaved(engine, guest);
    return guest;
}

/* "guest" came with QEMU 2.10, "reason" with 4.0; what a newer QEMU may say is judged by "guest"
 * alone, and is not exact. */
static VsShutdownReason
shutdown_reason(json_object *data, bool *ret_exact)
{
    static const struct {
        const char *name;
        VsShutdownReason reason;
    } reasons[] = {
        {"guest-shutdown", VS_SHUTDOWN_REASON_GUEST},
        {"guest-reset", VS_SHUTDOWN_REASON_GUEST_RESET},
        {"host-qmp-system-reset", VS_SHUTDOWN_REASON_GUEST_RESET},
        {"subsystem-reset", VS_SHUTDOWN_REASON_GUEST_RESET},
        {"guest-panic", VS_SHUTDOWN_REASON_GUEST_PANIC},
        {"host-signal", VS_SHUTDOWN_REASON_HOST_SIGNAL},
        {"host-qmp-quit", VS_SHUTDOWN_REASON_HOST_QUIT},
        {"host-ui", VS_SHUTDOWN_REASON_HOST_QUIT},
        {"host-error", VS_SHUTDOWN_REASON_HOST_ERROR},
    };
    const char *name = vs_json_string(data, "reason", "");

    *ret_exact = true;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (g_str_equal(reasons[i].name, name))
            return reasons[i].reason;
    }
    *ret_exact = false;
    if (vs_json_bool(data, "guest", false))
        return VS_SHUTDOWN_REASON_GUEST;
    return vs_json_bool(data, "guest", true) ? VS_SHUTDOWN_REASON_NONE : VS_SHUTDOWN_REASON_HOST;
}

static bool
is_by_host(VsShutdownReason reason)
{
    return reason >= VS_SHUTDOWN_REASON_HOST_SIGNAL;
}

/* The first SHUTDOWN of an attempt decides: libvirt ends every QEMU by SIGTERM, which gives a
 * second one. Only a lifecycle event that was quicker than its QMP event gives way to it. */
static void
note_shutdown(VsEngine *engine, VsGuest *guest, VsShutdownReason reason, bool exact)
{
    VsRun *run = guest->run;
    bool first = run->shutdown == VS_SHUTDOWN_REASON_NONE;

    if (!first &&
        (run->shutdown_exact || !exact || is_by_host(run->shutdown) != is_by_host(reason)))
        return;
    run->shutdown = reason;
    run->shutdown_exact = exact;
    vs_run_sign(run, engine->now.mono);
}

static void
on_shutdown(VsEngine *engine, VsGuest *guest, json_object *data)
{
    bool exact;
    VsShutdownReason reason = shutdown_reason(data, &exact);

    if (reason != VS_SHUTDOWN_REASON_NONE)
        note_shutdown(engine, guest, reason, exact);
}

static void
on_powerdown(VsEngine *engine, VsGuest *guest, json_object *data)
{
    VsAsked *button = &guest->run->button;
    int64_t now = engine->now.mono;

    if (button->by == VS_ASKED_BY_US && now - button->at < PRESS_ECHO) {
        button->heard = true; /* whatever becomes of libvirt's answer */
        if (guest->stop)      /* else it was called off meanwhile */
            button->doubtful = false;
        return;
    }
    /* Somebody else pressed; where we had, too, ours goes on to count as long as it would have. */
    *button = (VsAsked){
        .by = MAX(button->by, VS_ASKED_BY_SOMEBODY),
        .at = now,
        .expires = MAX(button->by != VS_ASKED_BY_NOBODY ? button->expires : 0,
                       vs_later(now, VS_RUN_ASK_WINDOW)),
    };
}

static void
on_reset(VsEngine *engine, VsGuest *guest, json_object *data)
{
    vs_run_new_attempt(guest->run);
}

static void
on_resume(VsEngine *engine, VsGuest *guest, json_object *data)
{
    vs_run_resumed(guest->run);
}

static void
on_port(VsEngine *engine, VsGuest *guest, json_object *data)
{
    if (!vs_json_bool(data, "open", true))
        guest->run->port_closed = true;
}

static void
on_panicked(VsEngine *engine, VsGuest *guest, json_object *data)
{
    guest->run->panicked = true;
    vs_run_sign(guest->run, engine->now.mono);
}

static void
note_watchdog(VsEngine *engine, VsGuest *guest, int action)
{
    guest->run->watchdog = action;
    guest->run->watchdog_at = engine->now.mono;
    if (action == VS_WATCHDOG_POWEROFF)
        vs_run_sign(guest->run, engine->now.mono);
}

static void
on_watchdog(VsEngine *engine, VsGuest *guest, json_object *data)
{
    int action = VS_WATCHDOG_NONE;

    vs_watchdog_parse(vs_json_string(data, "action", ""), &action);
    note_watchdog(engine, guest, action);
}

static const struct {
    const char *event;
    void (*handle)(VsEngine *engine, VsGuest *guest, json_object *data); /* NULL: evidence only */
} qmp_events[] = {
    {"SHUTDOWN", on_shutdown},
    {"POWERDOWN", on_powerdown},
    {"RESET", on_reset},
    {"RESUME", on_resume},
    {"GUEST_PANICKED", on_panicked},
    {"WATCHDOG", on_watchdog},
    {"GUEST_CRASHLOADED", NULL},
    {"STOP", NULL},
    {"SUSPEND", NULL},
    {"SUSPEND_DISK", NULL},
    {"WAKEUP", NULL},
    {"MIGRATION", NULL},
    {"VSERPORT_CHANGE", on_port},
};

void
vs_guest_events_qmp(VsEngine *engine, const VsEvent *event)
{
    for (size_t i = 0; i < G_N_ELEMENTS(qmp_events); i++) {
        VsGuest *guest;
        json_object *item, *data = NULL;

        if (!g_str_equal(qmp_events[i].event, event->qmp.event))
            continue;
        guest = watched(engine, event);
        if (!guest)
            return;
        if (event->qmp.details)
            data = vs_json_parse_object(event->qmp.details, NULL);
        item = vs_evidence_new(engine->now.real, "qmp");
        vs_json_set_string(item, "event", event->qmp.event);
        vs_json_set(item, "data", data);
        vs_run_witness(guest->run, item);
        guest->run->has_qmp = true;
        if (qmp_events[i].handle)
            qmp_events[i].handle(engine, guest, data);
        return;
    }
}

static json_object *
libvirt_evidence(VsEngine *engine, const char *event)
{
    json_object *item = vs_evidence_new(engine->now.real, "libvirt");

    vs_json_set_string(item, "event", event);
    return item;
}

static void
witness_lifecycle(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    json_object *item = libvirt_evidence(engine, "lifecycle");

    vs_json_set_string(item, "type", vs_lifecycle_name(event->lifecycle.type));
    vs_json_set_string(item, "detail",
                       vs_lifecycle_detail_name(event->lifecycle.type, event->lifecycle.detail));
    vs_run_witness(guest->run, item);
}

static void
on_lifecycle_shutdown(VsEngine *engine, VsGuest *guest, int detail)
{
    vs_engine_set_state(engine, guest, VS_STATE_SHUTDOWN);
    if (detail == VS_SHUTDOWN_GUEST)
        note_shutdown(engine, guest, VS_SHUTDOWN_REASON_GUEST, false);
    else if (detail == VS_SHUTDOWN_HOST)
        note_shutdown(engine, guest, VS_SHUTDOWN_REASON_HOST, false);
}

/* A guest that loaded its crash kernel runs that, to write a dump. */
static void
on_crashed(VsEngine *engine, VsGuest *guest, int detail)
{
    if (detail == VS_CRASHED_CRASHLOADED)
        return;
    vs_engine_set_state(engine, guest, VS_STATE_CRASHED);
    on_panicked(engine, guest, NULL);
}

/* It was found gone, and waited for in vain; its record isn't made yet. */
static bool
take_late_stopped(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (!is_stopped(event) || !guest || !guest->run || !vs_run_is_over(guest->run) ||
        guest->run->stopped >= 0)
        return false;
    witness_lifecycle(engine, guest, event);
    guest->run->stopped = event->lifecycle.detail;
    guest->owed_until = 0;
    return true;
}

static void
on_running(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    VsGuest *known;

    if (take_late_stopped(engine, guest, event))
        return;
    known = watched(engine, event);
    if (!known)
        return;
    witness_lifecycle(engine, known, event);
    switch (event->lifecycle.type) {
    case VS_LIFECYCLE_SUSPENDED:
        vs_engine_set_state(engine, known, VS_STATE_PAUSED);
        break;
    case VS_LIFECYCLE_RESUMED:
        vs_engine_set_state(engine, known, VS_STATE_RUNNING);
        if (!known->run->has_qmp) /* else QEMU's RESUME, which was there first, has told it */
            on_resume(engine, known, NULL);
        break;
    case VS_LIFECYCLE_PMSUSPENDED:
        vs_engine_set_state(engine, known, VS_STATE_PMSUSPENDED);
        break;
    case VS_LIFECYCLE_CRASHED:
        on_crashed(engine, known, event->lifecycle.detail);
        break;
    case VS_LIFECYCLE_SHUTDOWN:
        on_lifecycle_shutdown(engine, known, event->lifecycle.detail);
        break;
    case VS_LIFECYCLE_STOPPED:
        vs_run_end_stopped(engine, known, event->lifecycle.detail);
        break;
    default:
        break;
    }
}

/* Who starts a guest while all are being stopped by hand wants just that, but for a restore that
 * was still about it; a host that goes down takes it along. */
static bool
is_wanted(const VsEngine *engine, const VsGuest *guest)
{
    g_autofree char *key = vs_domain_key(guest->domain.uri, guest->domain.uuid.text);
    bool by_hand = false;

    for (unsigned i = 0; i < engine->host_stops->len; i++) {
        const VsHostStop *host_stop = engine->host_stops->pdata[i];

        if (!vs_host_stop_is_in_flight(host_stop) || !vs_host_stop_means(host_stop, key))
            continue;
        if (host_stop->shutdown)
            return false;
        by_hand = true;
    }
    return by_hand && !guest->starting;
}

/* Also sent when a suspended guest wakes up, which is no new run. */
static void
on_started(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    if (!guest)
        guest = vs_engine_add(engine, event->domain);
    if (!guest->run)
        vs_engine_begin_run(engine, guest);
    if (event->lifecycle.detail != VS_STARTED_WAKEUP) {
        guest->run->gap = false; /* QEMU's own events may be quicker, but here it begins */
        guest->left = is_wanted(engine, guest);
        guest->starting = false;
        guest->owed_until = 0;
    }
    if (event->domain->id >= 0)
        guest->domain.id = event->domain->id;
    guest->seen = guest->alive = engine->serial;
    witness_lifecycle(engine, guest, event);
    vs_engine_set_state(engine, guest, VS_STATE_RUNNING);
    vs_engine_changed(engine, guest);
    vs_engine_look_up(engine, guest);
}

void
vs_guest_events_lifecycle(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    switch (event->lifecycle.type) {
    case VS_LIFECYCLE_DEFINED:
        if (!guest)
            guest = vs_engine_add(engine, event->domain);
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
    VsGuest *guest = watched(engine, event);

    if (!guest)
        return;
    vs_run_witness(guest->run, libvirt_evidence(engine, "reboot"));
    /* QEMU's RESET, which was there first, has done it, and the guest may have been asked anew
     * since. */
    if (!guest->run->has_qmp)
        vs_run_new_attempt(guest->run);
}

void
vs_guest_events_watchdog(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = watched(engine, event);
    json_object *item;

    if (!guest)
        return;
    item = libvirt_evidence(engine, "watchdog");
    vs_json_set_string(item, "action", vs_watchdog_name(event->watchdog.action));
    vs_run_witness(guest->run, item);
    note_watchdog(engine, guest, event->watchdog.action);
}

void
vs_guest_events_agent(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = watched(engine, event);
    json_object *item;

    if (!guest)
        return;
    item = libvirt_evidence(engine, "agent-lifecycle");
    vs_json_set_string(item, "state", vs_agent_state_name(event->agent.state));
    vs_json_set_string(item, "reason", event->agent.reason);
    vs_run_witness(guest->run, item);
    guest->run->agent_seen = true;
    if (event->agent.state == VS_AGENT_DISCONNECTED)
        guest->run->port_closed = true;
    if (guest->agent != event->agent.state) {
        guest->agent = event->agent.state;
        vs_engine_changed(engine, guest);
    }
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

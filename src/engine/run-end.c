/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/run-end.h"

#include "core/driver.h"
#include "engine/description.h"
#include "engine/hooks.h"
#include "engine/run-candidates.h"
#include "engine/run-habit.h"
#include "engine/run-record.h"
#include "engine/stop-end.h"
#include "util/span.h"

/* Reading a log takes milliseconds. */
#define LOG_SPAN (2 * VS_USEC_PER_SEC)

/* Our own destroy's answer says whether the process is gone; the check takes 5 s at most. */
#define ANSWER_SPAN (10 * VS_USEC_PER_SEC)

/* On a live connection events are late, not lost: a list of a thousand guests that go off at once
 * was seen to be 2 to 3 s quicker than they are. So long nothing at all must have been told: as
 * long as libvirt still tells of others, the event may be behind those (on a loaded machine, 30 s).
 */
#define LATE_SPAN (10 * VS_USEC_PER_SEC)
#define LATE_MAX  (60 * VS_USEC_PER_SEC)

/* ... and with a QEMU that can't be killed, which holds up what is told of all, later still. */
#define OWED_SPAN (60 * VS_USEC_PER_SEC)

/* libvirt may tell of the end before the kernel does, by some ms; a process that hangs in the
 * kernel tells nothing. What libvirt amends came 40 ms later. */
#define PROCESS_SPAN (2 * VS_USEC_PER_SEC)

/* Writing a record takes milliseconds: who waits for the stop finds it in the history. */
#define RECORD_SPAN (1 * VS_USEC_PER_SEC)

/* Whether libvirt may tell of an end that a list or look-up has found, be it of a run that nobody
 * saw on this connection: it may have ended as that was opened. */
static bool
is_there(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return connection && connection->phase != VS_CONNECTION_AWAY;
}

/* Whether that is worth waiting for: it began, or was seen, while this connection was there. */
static bool
may_be_told(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);

    return is_there(engine, guest) &&
           (guest->run->gap_at == 0 || guest->alive > connection->opened_step);
}

/* ... and mostly does. Of a process that a libvirtd found dead, or gave up, as it came up again it
 * tells nothing. */
static bool
will_be_told(const VsEngine *engine, const VsGuest *guest)
{
    const VsRun *run = guest->run;
    bool silent = run->gap_at > 0 && run->state == VS_STATE_SHUTOFF &&
                  (run->reason == VS_SHUTOFF_CRASHED || run->reason == VS_SHUTOFF_DAEMON);

    return !silent && may_be_told(engine, guest);
}

static void
date_end(VsEngine *engine, VsRun *run)
{
    if (run->ended_mono > 0)
        return;
    run->ended_real = engine->now.real;
    run->ended_mono = engine->now.mono;
}

static void
end_run(VsEngine *engine, VsGuest *guest)
{
    VsRun *run = guest->run;

    run->phase = VS_RUN_ENDED;
    run->until = vs_later(engine->now.mono, ANSWER_SPAN);
    date_end(engine, run);
    guest->owed_until =
        run->stopped < 0 && is_there(engine, guest) ? vs_later(engine->now.mono, OWED_SPAN) : 0;
    vs_engine_set_state(engine, guest, VS_STATE_SHUTOFF);
    vs_engine_unsaved(engine, guest);
}

void
vs_run_end_stopped(VsEngine *engine, VsGuest *guest, int detail)
{
    guest->run->stopped = detail;
    end_run(engine, guest);
}

static void
note_found(VsEngine *engine, VsGuest *guest, VsDomainState state, int reason)
{
    json_object *item = vs_evidence_new(engine->now.real, "state");

    vs_json_set_string(item, "state", vs_domain_state_name(state));
    vs_json_set_int(item, "reason", reason);
    vs_run_witness(guest->run, item);
    guest->run->state = state;
    guest->run->reason = reason;
}

void
vs_run_end_found(VsEngine *engine, VsGuest *guest, VsDomainState state, int reason)
{
    bool doubted = guest->run->stopped >= 0;

    if (guest->run->phase == VS_RUN_MISSED && !doubted)
        return;
    if (doubted)
        vs_run_witness_lifecycle(guest->run, engine->now.real, VS_LIFECYCLE_STOPPED,
                                 guest->run->stopped);
    note_found(engine, guest, state, reason);
    if (doubted || !will_be_told(engine, guest)) {
        end_run(engine, guest);
        return;
    }
    date_end(engine, guest->run);
    guest->run->phase = VS_RUN_MISSED;
    guest->run->until = vs_later(engine->now.mono, LATE_SPAN);
    vs_engine_unsaved(engine, guest);
}

void
vs_run_end_not(VsRun *run)
{
    run->phase = VS_RUN_ALIVE;
    run->stopped = -1; /* that was told of the run before */
    run->ended_mono = 0;
}

void
vs_run_end_doubted(VsEngine *engine, VsGuest *guest, int detail)
{
    guest->run->stopped = detail;
    date_end(engine, guest->run);
    guest->run->phase = VS_RUN_MISSED;
    guest->run->until = vs_later(engine->now.mono, LATE_SPAN);
    vs_engine_look_up(engine, guest);
    vs_engine_unsaved(engine, guest);
}

void
vs_run_end_found_other(VsEngine *engine, VsGuest *guest)
{
    vs_run_end_found(engine, guest, VS_STATE_GONE, 0);
    if (vs_run_is_over(guest->run))
        guest->owed_until = vs_later(engine->now.mono, OWED_SPAN);
}

void
vs_run_end_replaced(VsEngine *engine, VsGuest *guest)
{
    note_found(engine, guest, VS_STATE_GONE, 0);
    end_run(engine, guest);
}

/* The record is on disk, or was waited for long enough. */
static void
close_run(VsEngine *engine, VsGuest *guest)
{
    vs_hooks_ended(engine, guest);
    vs_engine_do(engine, VS_ACTION_RECORDED, guest)->id = guest->run->id;
    if (guest->stop)
        vs_stop_end(engine, guest, guest->stop->outcome);

    guest->past_id = guest->domain.id;
    guest->past_step = engine->serial;
    guest->past_told = guest->run->stopped >= 0;
    g_clear_pointer(&guest->run, vs_run_free);
    guest->domain.id = -1;
    guest->starting = 0; /* not all drivers tell of STARTED */
    guest->set_clock = false;
    if (guest->description.agent == VS_AGENT_CONNECTED)
        guest->description.agent = VS_AGENT_DISCONNECTED;
    vs_description_drop(guest);
    if (!guest->defined || guest->again)
        vs_engine_look_up(engine, guest);
    else if (!guest->persistent)
        guest->gone = true;
    vs_engine_unsaved(engine, guest);
    vs_engine_changed(engine, guest);
}

static void
record_run(VsEngine *engine, VsGuest *guest, char *const *lines)
{
    vs_run_record_make(engine, guest, lines);
    guest->run->phase = VS_RUN_RECORDING;
    guest->run->until = engine->simulated || engine->records_hang
                            ? engine->now.mono
                            : vs_later(engine->now.mono, RECORD_SPAN);
}

static void
read_log(VsEngine *engine, VsGuest *guest)
{
    guest->run->phase = VS_RUN_READING;
    guest->run->until = vs_later(engine->now.mono, LOG_SPAN);
    vs_engine_do(engine, VS_ACTION_READ_LOG, guest);
}

/* What libvirt was to tell of the end did not come: what is known has to do. */
static void
give_up_waiting(VsEngine *engine, VsGuest *guest)
{
    json_object *item = vs_evidence_new(engine->now.real, "state");

    vs_json_set_string(item, "event",
                       guest->run->stopped < 0 ? "nothing was told of the end"
                                               : "nothing was told of its state");
    vs_run_witness(guest->run, item);
    end_run(engine, guest);
}

/* A destroy's; or whether the snapshot that it is reverted to is one in which it runs. */
static bool
awaits_answer(const VsGuest *guest)
{
    const VsStop *stop = guest->stop;

    return stop && ((stop->call.method == VS_METHOD_DESTROY && stop->call.state == VS_CALL_MADE) ||
                    guest->run->stopped == VS_STOPPED_FROM_SNAPSHOT);
}

/* Monotonic µs: until when what the run's phase waits for is waited for. */
static int64_t
waits_until(const VsEngine *engine, const VsGuest *guest)
{
    const VsConnection *connection = vs_engine_connection_of(engine, guest);
    const VsRun *run = guest->run;

    if (run->phase == VS_RUN_ENDED && !awaits_answer(guest))
        return MIN(run->until, vs_later(run->ended_mono, PROCESS_SPAN));
    if (run->phase != VS_RUN_MISSED || !connection)
        return run->until;
    return CLAMP(vs_later(connection->told_at, LATE_SPAN), run->until,
                 vs_later(run->until, LATE_MAX - LATE_SPAN));
}

static bool
is_due(const VsEngine *engine, const VsGuest *guest)
{
    return !vs_engine_listens(engine) && engine->now.mono >= waits_until(engine, guest);
}

/* How its hypervisor process ended, where that can decide something: libvirt knows of no better
 * cause, or has a word for it that we don't know. */
static bool
awaits_process(const VsRun *run)
{
    return run->watch == VS_PROCESS_WATCHED &&
           (run->stopped < 0 || run->stopped == VS_STOPPED_FAILED ||
            run->stopped > VS_STOPPED_RECREATED);
}

/* Whether a failure that libvirt told of may turn out to be somebody's destroy. */
static bool
awaits_amendment(const VsGuest *guest)
{
    return guest->run->stopped == VS_STOPPED_FAILED && vs_driver_of(guest->domain.uri)->fails_first;
}

bool
vs_run_end_amends(const VsGuest *guest, int detail)
{
    return detail == VS_STOPPED_DESTROYED && awaits_amendment(guest);
}

/* What its agent answered when it was asked, where that makes sure that it had heard. */
static bool
awaits_agent(const VsEngine *engine, const VsGuest *guest)
{
    const VsRun *run = guest->run;

    return !engine->simulated && guest->stop && guest->stop->call.method == VS_METHOD_AGENT &&
           guest->stop->call.state == VS_CALL_MADE && run->shutdown == VS_SHUTDOWN_REASON_GUEST &&
           run->shutdown_exact && run->agent.heard == VS_HEARD_PERHAPS;
}

static bool
awaits_anything(const VsEngine *engine, const VsGuest *guest)
{
    return awaits_answer(guest) || awaits_process(guest->run) || awaits_amendment(guest) ||
           vs_run_habit_is_awaited(guest->run) || vs_run_candidates_are_awaited(guest->run) ||
           awaits_agent(engine, guest);
}

void
vs_run_end_move(VsEngine *engine, VsGuest *guest)
{
    if (!guest->run)
        return;
    if (guest->run->phase == VS_RUN_MISSED &&
        (is_due(engine, guest) || !will_be_told(engine, guest)))
        give_up_waiting(engine, guest);
    if (guest->run->phase == VS_RUN_ENDED)
        vs_run_habit_ask(engine, guest);
    if (guest->run->phase == VS_RUN_ENDED &&
        (is_due(engine, guest) || !awaits_anything(engine, guest)))
        read_log(engine, guest);
    else if (guest->run->phase == VS_RUN_READING && is_due(engine, guest))
        record_run(engine, guest, NULL);
    if (guest->run->phase == VS_RUN_RECORDING && is_due(engine, guest)) {
        engine->records_hang |= !guest->run->recorded && !engine->simulated;
        close_run(engine, guest);
    }
}

int64_t
vs_run_end_next_timer(const VsEngine *engine, const VsGuest *guest)
{
    return guest->run && guest->run->phase != VS_RUN_ALIVE ? waits_until(engine, guest)
                                                           : VS_USEC_INFINITY;
}

void
vs_run_end_log(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest || !guest->run || guest->run->phase != VS_RUN_READING)
        return;
    if (event->log.in_cluster)
        vs_engine_set_owner(engine, guest, VS_OWNER_PACEMAKER);
    record_run(engine, guest, event->log.lines);
}

void
vs_run_end_recorded(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    engine->records_hang = false;
    if (!guest || !guest->run || guest->run->phase != VS_RUN_RECORDING ||
        !g_str_equal(guest->run->id.text, event->recorded.id.text))
        return;
    guest->run->recorded = true;
    guest->run->until = engine->now.mono;
}

void
vs_run_end_defined(VsEngine *engine, VsGuest *guest)
{
    VsRun *run = guest->run;

    if (run && run->phase == VS_RUN_ENDED && run->stopped == VS_STOPPED_FROM_SNAPSHOT)
        run->until = engine->now.mono;
}

/* A guest that runs under another id than we know ended unseen. */
static bool
is_other_run(const VsGuest *guest, const VsEvent *event)
{
    return guest->domain.id >= 0 && event->domain->id >= 0 && guest->domain.id != event->domain->id;
}

/* It is told only now that this very run began: the STOPPED before that was of the run before. */
static bool
is_late_start(const VsGuest *guest, const VsEvent *event)
{
    return vs_driver_of(guest->domain.uri)->ids_grow && event->domain->id >= 0 &&
           event->domain->id == guest->domain.id && guest->run->phase < VS_RUN_RECORDING;
}

void
vs_run_end_give_way(VsEngine *engine, VsGuest *guest, const VsEvent *event)
{
    bool begins = event->lifecycle.type == VS_LIFECYCLE_STARTED;
    bool ends = event->lifecycle.type == VS_LIFECYCLE_STOPPED;

    if (event->type != VS_EVENT_LIFECYCLE || !guest->run)
        return;
    if (begins && !vs_run_is_over(guest->run) && is_other_run(guest, event))
        vs_run_end_replaced(engine, guest);
    if (begins && vs_run_is_over(guest->run) && is_late_start(guest, event)) {
        guest->run->phase = VS_RUN_MISSED;
        return;
    }
    if (!vs_run_is_over(guest->run) || (!begins && !(ends && guest->again)))
        return;
    guest->run->goes_on = begins && guest->run->stopped == VS_STOPPED_FROM_SNAPSHOT;
    if (guest->run->phase != VS_RUN_RECORDING)
        record_run(engine, guest, NULL);
    close_run(engine, guest);
    if (ends)
        vs_engine_begin_run(engine, guest); /* it ran anew already, and ends */
}

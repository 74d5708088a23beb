/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/run-record.h"

#include <syslog.h>

#include "core/cause.h"
#include "engine/picture.h"
#include "engine/run-candidates.h"
#include "engine/stop-text.h"
#include "engine/unseen.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "util/wallclock.h"

/* By the clock of its end, which the log has; 0: that was set back meanwhile. */
static int64_t
alive_at(const VsRun *run)
{
    return run->alive_at <= run->ended_real ? run->alive_at : 0;
}

static void
witness_log(VsEngine *engine, VsGuest *guest, const VsQemuLog *log)
{
    for (unsigned i = 0; i < log->lines->len; i++) {
        json_object *item = vs_evidence_new(engine->now.real, "qemu-log");

        vs_json_set_string(item, "line", log->lines->pdata[i]);
        vs_run_witness(guest->run, item);
    }
}

/* Nobody was told whether it has one. */
static bool
may_have_agent(const VsGuest *guest)
{
    return guest->description.agent == VS_AGENT_UNKNOWN && !guest->reading.known;
}

/* Why its cause isn't certain, though its end was seen. */
static void
witness_doubt(VsEngine *engine, VsGuest *guest, const VsVerdict *verdict)
{
    json_object *item;

    if (verdict->watched_since == 0 && verdict->asked_before == 0)
        return;
    item = vs_evidence_new(engine->now.real, VS_EVIDENCE_DOUBT);
    if (verdict->watched_since > 0) {
        int64_t span = MAX(engine->now.mono - verdict->watched_since, 0);
        g_autofree char *since = vs_wallclock_format(engine->now.real - span);

        vs_json_set_string(item, "event", "watched since");
        vs_json_set_string(item, "since", since);
    } else {
        vs_json_set_string(item, "event", "asked long before");
        vs_json_set_int(item, "ms", verdict->asked_before / VS_USEC_PER_MSEC);
    }
    vs_run_witness(guest->run, item);
}

/* It runs on, here or elsewhere. Whoever wants the guests of this host down has what he wants of
 * one that is elsewhere. */
static bool
runs_on(const VsRun *run, const VsStop *stop, VsCause cause)
{
    return run->goes_on || (cause == VS_CAUSE_MIGRATED && !vs_stop_is_of_host_stop(stop));
}

static VsOutcome
outcome_of(const VsRun *run, const VsStop *stop, const VsVerdict *verdict)
{
    if (stop && (stop->call.state == VS_CALL_STILL_THERE || runs_on(run, stop, verdict->cause)))
        return VS_OUTCOME_FAILED;
    if (stop && stop->halted && verdict->cause == VS_CAUSE_DESTROYED)
        return VS_OUTCOME_HALTED;
    switch (verdict->clean) {
    case VS_CLEAN_YES:
        return VS_OUTCOME_CLEAN;
    case VS_CLEAN_NO:
        return VS_OUTCOME_FORCED;
    default:
        return VS_OUTCOME_UNKNOWN;
    }
}

/* From the request, or the first sign of the end, to the guest being off. */
static int64_t
took(const VsGuest *guest, VsCause cause)
{
    const VsRun *run = guest->run;
    int64_t since = run->first_sign > 0 ? run->first_sign : run->ended_mono;

    if (guest->stop)
        since = guest->stop->asked_mono;
    else if (cause == VS_CAUSE_POWER_BUTTON)
        since = run->button.at;
    else if (cause == VS_CAUSE_GUEST_AGENT)
        since = run->agent.at;
    else if (cause == VS_CAUSE_GUEST_REQUEST)
        since = run->request.at;
    return MAX(run->ended_mono - since, 0);
}

/* A request that a trace tells of comes out so. */
static json_object *
request_of_trace(const VsRun *run, const VsVerdict *verdict)
{
    vs_json_set_string(run->past_request, "outcome",
                       vs_outcome_name(outcome_of(run, NULL, verdict)));
    return json_object_get(run->past_request);
}

/* A stop that was called off still explains what it had asked for. */
static json_object *
request_of(const VsGuest *guest, const VsVerdict *verdict, VsOutcome outcome)
{
    const VsRun *run = guest->run;
    VsCause cause = verdict->cause;

    if (guest->stop)
        return vs_stop_request(guest->stop, outcome);
    if (run->past_request && !vs_json_string(run->past_request, "outcome", NULL))
        return request_of_trace(run, verdict);
    if ((cause == VS_CAUSE_GUEST_AGENT && run->agent.by == VS_ASKED_BY_US) ||
        (cause == VS_CAUSE_POWER_BUTTON && run->button.by == VS_ASKED_BY_US) ||
        (cause == VS_CAUSE_GUEST_REQUEST && run->request.by == VS_ASKED_BY_US) ||
        (cause == VS_CAUSE_HOST_SIGNAL && run->terminated) ||
        (cause == VS_CAUSE_DESTROYED && run->destroy_called))
        return json_object_get(run->past_request);
    return NULL;
}

/* The time that all guests have is known by the clock that nobody sets, when they were asked by the
 * other; the guest's own stop knows both. */
static void
tell_host_stop(VsRecord *record, const VsHostStop *host_stop, const VsStop *stop)
{
    int64_t later = stop->asked_real - host_stop->asked_real; /* below 0: it was taken over */

    record->host_kind = host_stop->kind;
    record->host_part = vs_part_ref(host_stop->part);
    record->host_asked = host_stop->asked_real;
    if (host_stop->limited)
        record->host_budget = host_stop->deadline - stop->asked_mono + later;
}

static VsRecord *
make_record(VsEngine *engine, VsGuest *guest, const VsVerdict *verdict, const VsQemuLog *log,
            VsOutcome outcome)
{
    const VsHostStop *host_stop = vs_engine_host_stop_of(engine, guest->stop);
    VsRecord *record = g_new0(VsRecord, 1);

    record->id = guest->run->id;
    record->time = guest->run->ended_real;
    vs_domain_id_copy(&record->domain, &guest->domain);
    record->verdict = *verdict;
    if (outcome == VS_OUTCOME_HALTED)
        record->verdict.clean = VS_CLEAN_YES;
    record->request = request_of(guest, verdict, outcome);
    record->host_shutdown = engine->host_shutdown;
    record->owner = vs_engine_owner_of(engine, guest);
    if (guest->stop)
        record->host_stop = guest->stop->host_stop;
    if (host_stop)
        tell_host_stop(record, host_stop, guest->stop);
    if (guest->run->stopped < 0)
        record->window = vs_absence_window(&guest->run->absence, record->time);
    record->took = took(guest, verdict->cause);
    record->circumstances =
        vs_circumstances_tell(&guest->run->circumstances, guest->run->ended_mono);
    record->candidates = vs_run_candidates_tell(guest, verdict, log);
    record->evidence = json_object_get(guest->run->evidence);
    record->dropped = guest->run->dropped;
    return record;
}

static void
note_still_there(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_ERR,
                   _("%s: libvirt says it is destroyed, but its process is still there"), name);
}

/* What somebody else did with it is no word for what its step came to. */
static const char *
step_result(const VsStop *stop, VsCause cause, VsOutcome outcome)
{
    const VsStepTaken *last = vs_stop_last_taken(stop);
    bool is_other = cause == VS_CAUSE_MIGRATED || cause == VS_CAUSE_SNAPSHOT_REVERTED ||
                    (cause == VS_CAUSE_SAVED && last && last->method != VS_METHOD_SAVE);

    return is_other ? vs_cause_name(cause) : vs_outcome_name(outcome);
}

void
vs_run_record_make(VsEngine *engine, VsGuest *guest, char *const *lines)
{
    bool had_absence = guest->run->stopped < 0 && guest->run->absence.who != VS_AWAY_NOBODY;
    VsOutcome outcome = VS_OUTCOME_NONE;
    VsVerdict verdict;
    VsQemuLog log;

    vs_qemu_log_read(&log, lines, &guest->domain, alive_at(guest->run));
    log.headed |= engine->simulated; /* a recording has its run's own lines, mostly the last */
    witness_log(engine, guest, &log);
    guest->run->agent_seen |= may_have_agent(guest);
    vs_cause_judge(guest->run, vs_driver_of(guest->domain.uri), &log, &verdict);
    witness_doubt(engine, guest, &verdict);

    if (guest->stop) {
        outcome = outcome_of(guest->run, guest->stop, &verdict);
        guest->stop->outcome = outcome;
        vs_stop_end_step(guest->stop, step_result(guest->stop, verdict.cause, outcome),
                         engine->now);
        if (guest->stop->call.state == VS_CALL_STILL_THERE)
            note_still_there(engine, guest);
    }
    vs_engine_do(engine, VS_ACTION_RECORD, guest)->record =
        make_record(engine, guest, &verdict, &log, outcome);
    vs_qemu_log_clear(&log);
    if (had_absence)
        vs_unseen_record(engine, guest, lines, guest->run->alive_at);
    vs_revival_ended(&guest->revival, guest->run->id, &verdict, guest->stop != NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-private.h"

#include <syslog.h>

#include "core/cause.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"

/* A run's end: the hypervisor's log is read, the cause is judged, the record is written. */

/* Reading a log takes milliseconds. */
#define LOG_SPAN (2 * VS_USEC_PER_SEC)

/* Our own destroy's answer says whether the process is gone; the check takes 5 s at most. */
#define ANSWER_SPAN (10 * VS_USEC_PER_SEC)

static bool
awaits_answer(const VsGuest *guest)
{
    return guest->stop && guest->stop->destroying && !guest->stop->adopted &&
           guest->stop->call != 0;
}

void
vs_run_end_read_log(VsEngine *engine, VsGuest *guest)
{
    guest->run->log_asked = true;
    guest->run->log_deadline = vs_later(engine->now.mono, LOG_SPAN);
    vs_engine_do(engine, VS_ACTION_READ_LOG, guest);
}

/* Whenever it went down while libvirt was away: a host stop was waiting for just that. */
static void
keep_requests_standing(VsEngine *engine, VsGuest *guest)
{
    const VsStop *stop = guest->stop;

    if (guest->run->gap && stop && stop->host_deadline > 0)
        vs_run_prolong(guest->run, MAX(stop->asked_mono, engine->now.mono - VS_RUN_ASK_WINDOW),
                       vs_later(engine->now.mono, 1));
}

static void
end_run(VsEngine *engine, VsGuest *guest)
{
    VsRun *run = guest->run;

    keep_requests_standing(engine, guest);

    run->ended = true;
    run->ended_real = engine->now.real;
    run->ended_mono = engine->now.mono;
    if (guest->stop)
        guest->stop->phase = VS_PHASE_OFF;
    vs_engine_set_state(engine, guest, VS_STATE_SHUTOFF);
    vs_engine_unsaved(engine, guest);
    if (awaits_answer(guest))
        run->log_deadline = vs_later(engine->now.mono, ANSWER_SPAN);
    else
        vs_run_end_read_log(engine, guest);
}

void
vs_run_end_stopped(VsEngine *engine, VsGuest *guest, int detail)
{
    guest->run->stopped = detail;
    end_run(engine, guest);
}

void
vs_run_end_found(VsEngine *engine, VsGuest *guest, VsDomainState state, int reason)
{
    json_object *item = vs_evidence_new(engine->now.real, "state");

    vs_json_set_string(item, "state", vs_domain_state_name(state));
    vs_json_set_int(item, "reason", reason);
    vs_run_witness(guest->run, item);
    guest->run->state = state;
    guest->run->reason = reason;
    end_run(engine, guest);
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

static VsOutcome
outcome_of(const VsStop *stop, VsCause cause)
{
    if (stop->still_there)
        return VS_OUTCOME_FAILED;
    return vs_cause_clean(cause) == VS_CLEAN_YES ? VS_OUTCOME_CLEAN : VS_OUTCOME_FORCED;
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
    return MAX(run->ended_mono - since, 0);
}

/* A stop that was called off still explains what it had asked for. */
static json_object *
request_of(const VsGuest *guest, VsCause cause, VsOutcome outcome)
{
    const VsRun *run = guest->run;

    if (guest->stop)
        return vs_stop_request(guest->stop, outcome);
    if ((cause == VS_CAUSE_GUEST_AGENT && run->agent.own) ||
        (cause == VS_CAUSE_POWER_BUTTON && run->button.own) ||
        (cause == VS_CAUSE_DESTROYED && run->destroy_called))
        return json_object_get(run->past_request);
    return NULL;
}

static VsRecord *
make_record(VsEngine *engine, VsGuest *guest, const VsVerdict *verdict, VsOutcome outcome)
{
    VsRecord *record = g_new0(VsRecord, 1);

    record->id = guest->run->id;
    record->time = guest->run->ended_real;
    vs_domain_id_copy(&record->domain, &guest->domain);
    record->verdict = *verdict;
    record->request = request_of(guest, verdict->cause, outcome);
    record->host_shutdown = engine->host_shutdown;
    record->took = took(guest, verdict->cause);
    record->evidence = json_object_get(guest->run->evidence);
    return record;
}

static void
note_still_there(VsEngine *engine, VsGuest *guest)
{
    g_autofree char *name = vs_text_quoted(guest->domain.name);

    vs_engine_note(engine, guest, LOG_ERR,
                   _("%s: libvirt says it is destroyed, but its process is still there"), name);
}

static void
finish_run(VsEngine *engine, VsGuest *guest, char *const *lines)
{
    VsOutcome outcome = VS_OUTCOME_NONE;
    VsVerdict verdict;
    VsQemuLog log;

    vs_qemu_log_read(&log, lines, guest->run->alive_at);
    witness_log(engine, guest, &log);
    vs_cause_judge(guest->run, &log, &verdict);
    vs_qemu_log_clear(&log);

    if (guest->stop) {
        outcome = outcome_of(guest->stop, verdict.cause);
        vs_stop_end_step(guest->stop, vs_outcome_name(outcome), engine->now);
        if (guest->stop->still_there)
            note_still_there(engine, guest);
    }
    vs_engine_do(engine, VS_ACTION_RECORD, guest)->record =
        make_record(engine, guest, &verdict, outcome);
    if (guest->stop)
        vs_descent_finish(engine, guest, outcome);

    g_clear_pointer(&guest->run, vs_run_free);
    guest->domain.id = -1;
    if (guest->agent == VS_AGENT_CONNECTED)
        guest->agent = VS_AGENT_DISCONNECTED;
    if (!guest->defined || guest->again)
        vs_connections_look_up(engine, guest);
    else if (!guest->persistent)
        guest->gone = true;
    guest->again = false;
    vs_engine_unsaved(engine, guest);
    vs_engine_changed(engine, guest);
}

void
vs_run_end_hurry(VsEngine *engine, VsGuest *guest)
{
    finish_run(engine, guest, NULL);
}

void
vs_run_end_timer(VsEngine *engine, VsGuest *guest)
{
    if (!guest->run || !guest->run->ended || engine->now.mono < guest->run->log_deadline)
        return;
    if (guest->run->log_asked)
        finish_run(engine, guest, NULL);
    else
        vs_run_end_read_log(engine, guest);
}

void
vs_run_end_log(VsEngine *engine, const VsEvent *event)
{
    VsGuest *guest = vs_engine_get(engine, event->domain);

    if (!guest || !guest->run || !guest->run->ended || !guest->run->log_asked)
        return;
    finish_run(engine, guest, event->log.lines);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* A guest that can't be asked just now: paused, asleep, without its agent. */

#define BUTTON "power-button:60s destroy"

/* Xen's, which has no agent that libvirt asks. */
static void
lab_set_up_xen(Lab *lab, const void *data)
{
    lab_set_up(lab, data);
    g_free(lab->guest.domain.uri);
    lab->guest.domain.uri = g_strdup("xen:///system");
    lab->guest.description.agent = VS_AGENT_NONE;
}

/* The test's own data is no ladder. */
static void
lab_set_up_default(Lab *lab, const void *data)
{
    lab_set_up(lab, NULL);
}

static void
set_policy(Lab *lab, VsPaused paused, VsAsleep asleep)
{
    VsPolicy policy = lab->policy;

    policy.all.paused = paused;
    policy.all.asleep = asleep;
    vs_engine_set_policy(lab->engine, &policy);
}

/* The guest is paused, or sleeps, so that libvirt tells it when asked. */
static void
be(Lab *lab, VsDomainState state, int reason)
{
    lab->guest.state = state;
    lab->guest.reason = reason;
    if (state == VS_STATE_RUNNING)
        lab_lifecycle(lab, VS_LIFECYCLE_RESUMED, 0);
    else if (state == VS_STATE_PMSUSPENDED)
        lab_lifecycle(lab, VS_LIFECYCLE_PMSUSPENDED, 0);
    else
        lab_lifecycle(lab, VS_LIFECYCLE_SUSPENDED,
                      reason == VS_PAUSED_IOERROR ? VS_SUSPENDED_IOERROR : 0);
}

static void
press(Lab *lab, const char *ladder)
{
    lab_run_guest(lab);
    lab_stop(lab, ladder);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
}

/* Paused as it writes back: let run again after a moment, and not pressed once more. */
static void
test_io_error(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_pass(lab, 10 * SEC);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_IOERROR);
    lab_pass_quietly(lab, 2 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_RESUME));
    be(lab, VS_STATE_RUNNING, 0);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "power-button=the domain is paused by an I/O error, resume=resumed, "
                        "power-button=went down");
}

static void
fail_again(Lab *lab)
{
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_RESUME));
    be(lab, VS_STATE_RUNNING, 0);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_IOERROR);
}

/* There is no room all the time: it is let run three times, the third time at the step's end. */
static void
test_io_error_stays(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_IOERROR);
    lab_pass(lab, 2 * SEC);
    fail_again(lab);
    lab_pass_quietly(lab, 5 * SEC - 1);
    lab_pass(lab, 1);
    fail_again(lab);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    fail_again(lab);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* Right before the destroy. */
static void
test_paused_at_the_end(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_pass(lab, 59 * SEC);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_pass(lab, 1 * SEC);
    lab_expect_call(lab, VS_METHOD_RESUME);
    be(lab, VS_STATE_RUNNING, 0);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* Each step has its own try. */
static void
test_paused_between_steps(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:20s " BUTTON);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC);
    lab_pass(lab, 10 * SEC);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_pass(lab, 2 * SEC);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_RESUME), VS_LIBVIRT_OPERATION_FAILED, 0);
    lab_pass(lab, 5 * SEC);
    lab_expect_call(lab, VS_METHOD_RESUME);
    be(lab, VS_STATE_RUNNING, 0);
    lab_pass(lab, 20 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* The agent's request comes to a guest that is paused by then: it is asked when it runs. */
static void
test_agent_meets_pause(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "agent:20s destroy");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, 0);
    lab_pass(lab, 2 * SEC);
    lab_expect_call(lab, VS_METHOD_RESUME);
    be(lab, VS_STATE_RUNNING, 0);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
}

/* ... and so is one that is asked by the hypervisor's own channel. */
static void
test_paravirt_meets_pause(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "paravirt:20s destroy");
    call = lab_expect_call(lab, VS_METHOD_PARAVIRT);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_DUMP);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, 0);
    lab_pass_quietly(lab, 60 * SEC);
    be(lab, VS_STATE_RUNNING, 0);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_PARAVIRT));
    lab_pass_quietly(lab, 20 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* A dump lets it run again itself; till then the step's time stands still. */
static void
test_dumped(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_DUMP);
    lab_pass_quietly(lab, 600 * SEC);
    be(lab, VS_STATE_RUNNING, 0);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "power-button=the domain is paused for a dump, power-button=deadline, "
                        "destroy=forced");
}

/* One dump after the other: the step has its time anew three times, then what is left of it. */
static void
test_dumped_for_ever(Lab *lab, const void *data)
{
    bool restarts = GPOINTER_TO_UINT(data);

    press(lab, BUTTON);
    for (int i = 0; i < 6; i++) {
        lab_pass_quietly(lab, 17 * SEC);
        be(lab, VS_STATE_PAUSED, VS_PAUSED_DUMP);
        lab_pass_quietly(lab, 30 * SEC);
        if (restarts) {
            lab_restart(lab, SEC);
            lab_connect(lab);
        }
        be(lab, VS_STATE_RUNNING, 0);
    }
    /* Of the sixty seconds since the third dump 19 and 19 and 19 are gone. */
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

static void
test_paused_save(Lab *lab, const void *data)
{
    set_policy(lab, VS_PAUSED_SAVE, VS_ASLEEP_WAKE);
    press(lab, BUTTON);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_pass(lab, 2 * SEC);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_SAVE), VS_LIBVIRT_OPERATION_FAILED, SEC);
    lab_pass(lab, 2 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "power-button=the domain is paused, save=libvirt says no, destroy=forced");
}

static void
test_paused_destroy(Lab *lab, const void *data)
{
    set_policy(lab, VS_PAUSED_DESTROY, VS_ASLEEP_WAKE);
    lab_run_guest(lab);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_stop(lab, "agent:20s " BUTTON);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "destroy=forced");
}

/* ... is never ended, but where that is all that was asked for. */
static void
test_paused_leave(Lab *lab, const void *data)
{
    set_policy(lab, VS_PAUSED_LEAVE, VS_ASLEEP_WAKE);
    press(lab, BUTTON);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_pass_quietly(lab, 60 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT, "power-button=deadline");
    lab_stop(lab, "destroy");
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* It is woken, and asked when it has come to itself. */
static void
test_asleep(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    be(lab, VS_STATE_PMSUSPENDED, 0);
    lab_stop(lab, BUTTON);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_WAKE));
    lab->guest.state = VS_STATE_RUNNING;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, VS_STARTED_WAKEUP);
    lab_pass_quietly(lab, 2 * SEC - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "wake=woken, power-button=went down");
}

/* Its button sends it to sleep: it is woken and pressed again, and not for ever. */
static void
test_falls_asleep(Lab *lab, const void *data)
{
    static const int64_t patience[] = {2 * SEC, 5 * SEC, 60 * SEC};

    press(lab, BUTTON);
    for (unsigned i = 0; i < G_N_ELEMENTS(patience); i++) {
        be(lab, VS_STATE_PMSUSPENDED, 0);
        lab_pass(lab, patience[i]);
        lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_WAKE));
        lab->guest.state = VS_STATE_RUNNING;
        lab_lifecycle(lab, VS_LIFECYCLE_STARTED, VS_STARTED_WAKEUP);
        lab_pass(lab, 2 * SEC);
        lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    }
    be(lab, VS_STATE_PMSUSPENDED, 0);
    lab_pass(lab, 60 * SEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_asleep_leave(Lab *lab, const void *data)
{
    set_policy(lab, VS_PAUSED_RESUME, VS_ASLEEP_LEAVE);
    lab_run_guest(lab);
    be(lab, VS_STATE_PMSUSPENDED, 0);
    lab_stop(lab, BUTTON);
    lab_expect_no_call(lab);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT, "power-button=the domain is suspended");
}

static void
connect_agent(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_AGENT, .domain = &lab->guest.domain};

    lab->guest.description.agent = VS_AGENT_CONNECTED;
    event.agent.state = VS_AGENT_CONNECTED;
    lab_step(lab, &event, NULL);
}

/* Its system comes up while the button is being tried. */
static void
test_agent_comes(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    lab_run_guest(lab);
    lab_stop(lab, "agent:20s " BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 8 * SEC);
    connect_agent(lab);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, SEC);
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "agent=the agent isn't connected, power-button=an earlier step can work "
                        "now, agent=went down");
}

/* ... and after its time the ladder goes on as ever; nothing is taken up twice. */
static void
test_agent_comes_in_vain(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    lab_run_guest(lab);
    lab_stop(lab, "agent:20s " BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    connect_agent(lab);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC);
    lab_pass(lab, 20 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    connect_agent(lab);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    connect_agent(lab);
    lab_expect_no_call(lab);
}

/* libvirt still has the press: it would be made beside the agent's request, and once more behind
 * that. Its answer is waited for, also where it is that nothing was pressed. */
static void
test_agent_comes_amid_press(Lab *lab, const void *data)
{
    bool refused = GPOINTER_TO_UINT(data);
    uint64_t call;

    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    lab_run_guest(lab);
    lab_stop(lab, "agent:20s " BUTTON);
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, SEC / 4);
    connect_agent(lab);
    lab_pass_quietly(lab, SEC / 4);
    if (refused)
        lab_reply_error(lab, call, VS_LIBVIRT_ARGUMENT_UNSUPPORTED, SEC / 2);
    else
        lab_reply_ok(lab, call);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "agent=the agent isn't connected, power-button=an earlier step can work "
                        "now, agent=went down");
}

static void
test_no_acpi(Lab *lab, const void *data)
{
    lab->guest.description.no_acpi = true;
    lab_run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_expect_note(lab, "step power-button is passed over: no ACPI");
}

/* Its kernel panics, and on_crash=preserve leaves it so. */
static void
test_panic(Lab *lab, const void *data)
{
    lab->guest.description.stays_crashed = true;
    press(lab, BUTTON);
    lab_pass(lab, 5 * SEC);
    lab_qmp(lab, "GUEST_PANICKED", "{\"action\":\"pause\"}");
    lab_lifecycle(lab, VS_LIFECYCLE_CRASHED, VS_CRASHED_PANICKED);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "power-button=the domain has crashed, destroy=forced");
}

/* ... which hears nothing, but its process may mind SIGTERM, and has its time for that. */
static void
test_panic_terminate(Lab *lab, const void *data)
{
    lab->guest.description.stays_crashed = true;
    press(lab, "power-button:60s terminate:30s destroy");
    lab_qmp(lab, "GUEST_PANICKED", "{\"action\":\"pause\"}");
    lab->guest.state = VS_STATE_CRASHED;
    lab_lifecycle(lab, VS_LIFECYCLE_CRASHED, VS_CRASHED_PANICKED);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_TERMINATE));
    lab_pass_quietly(lab, 30 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* ... and one that libvirt starts anew is none of that. */
static void
test_panic_restarts(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_qmp(lab, "GUEST_PANICKED", "{\"action\":\"pause\"}");
    lab_lifecycle(lab, VS_LIFECYCLE_CRASHED, VS_CRASHED_PANICKED);
    lab_expect_no_call(lab);
    lab_reset(lab);
    lab_lifecycle(lab, VS_LIFECYCLE_RESUMED, 0);
    lab_pass(lab, SEC);
    lab_expect_in_flight(lab);
}

static void
answer_job(Lab *lab, int operation, uint64_t question)
{
    VsEvent event = {.type = VS_EVENT_JOB, .domain = &lab->guest.domain};

    event.job.operation = operation;
    event.job.serial = question;
    lab_step(lab, &event, NULL);
}

static void
tell_job(Lab *lab, int operation)
{
    answer_job(lab, operation, lab->last_job_question);
}

/* A migration holds the domain: its step's time begins when it can be pressed. */
static void
test_job(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:3s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_MIGRATION_OUT);
    g_assert_cmpint(vs_stop_phase(lab_guest(lab)->stop), ==, VS_PHASE_WAITING);
    lab_pass_quietly(lab, 29 * SEC);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_TIMEOUT, 30 * SEC);
    tell_job(lab, VS_JOB_MIGRATION_OUT);
    lab_pass(lab, 5 * SEC);
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 20 * SEC);
    lab_be_pressed(lab, call);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "power-button=a migration holds the domain, power-button=went down");
}

/* It is paused, and a job keeps it from being let run. */
static void
test_paused_by_job(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_UNKNOWN);
    lab_stop(lab, "power-button:3s destroy");
    for (int i = 0; i < 2; i++) {
        call = lab_expect_call(lab, VS_METHOD_RESUME);
        lab_pass(lab, SEC);
        tell_job(lab, VS_JOB_DUMP);
        lab_pass_quietly(lab, 29 * SEC);
        lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_TIMEOUT, 30 * SEC);
    }
    lab_expect_call(lab, VS_METHOD_RESUME);
    be(lab, VS_STATE_RUNNING, 0);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "resume=a dump holds the domain, resume=resumed, power-button=went down");
}

/* Somebody else lets it run first, which is told a moment after libvirt has refused ours. */
static void
test_resumed_by_others(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_UNKNOWN);
    lab_stop(lab, "power-button:3s destroy");
    call = lab_expect_call(lab, VS_METHOD_RESUME);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_DUMP);
    lab_pass_quietly(lab, 20 * SEC);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, 20 * SEC);
    lab_pass_quietly(lab, SEC);
    be(lab, VS_STATE_RUNNING, 0);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "resume=a dump holds the domain, resume=resumed, power-button=went down");
}

/* ... and one that stays paused all the same is not waited for. */
static void
test_not_resumed(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_UNKNOWN);
    lab_stop(lab, "power-button:3s destroy");
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_RESUME), VS_LIBVIRT_OPERATION_INVALID, 0);
    lab_pass_quietly(lab, 10 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* Nobody says that it is over but the answer to a question. */
static void
test_job_over(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:3s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_DUMP);
    lab_pass_quietly(lab, 29 * SEC);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_TIMEOUT, 30 * SEC);
    tell_job(lab, VS_JOB_NONE);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* A QEMU that hangs is no job: it is destroyed at its step's end. */
static void
test_no_job(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:3s destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_NONE);
    lab_pass_quietly(lab, 2 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* An answer that comes late is none to the question that was asked since: the one press had a dump
 * before it, the next hangs with its QEMU; and the other way round. */
static void
test_late_job(Lab *lab, const void *data)
{
    uint64_t call, question;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:20s,press=2,gap=1s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    question = lab->last_job_question;
    lab_be_pressed(lab, call);
    lab_pass(lab, SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    g_assert_cmpuint(lab->last_job_question, >, question);
    answer_job(lab, VS_JOB_DUMP, question);
    g_assert_cmpint(lab_guest(lab)->stop->interrupted, ==, VS_INTERRUPTED_NOT);
    tell_job(lab, VS_JOB_NONE);
    answer_job(lab, VS_JOB_DUMP, question);
    g_assert_cmpint(lab_guest(lab)->stop->interrupted, ==, VS_INTERRUPTED_NOT);
    lab_pass(lab, 20 * SEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_job_abort(Lab *lab, const void *data)
{
    VsPolicy policy = lab->policy;
    uint64_t call;

    policy.all.jobs = VS_JOBS_ABORT;
    vs_engine_set_policy(lab->engine, &policy);
    lab_run_guest(lab);
    lab_stop(lab, "power-button:3s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_MIGRATION_OUT);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_ABORT_JOB));
    lab_be_pressed(lab, call);
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "power-button=a migration holds the domain, power-button=went down");
}

static void
test_job_leave(Lab *lab, const void *data)
{
    VsPolicy policy = lab->policy;

    policy.all.jobs = VS_JOBS_LEAVE;
    vs_engine_set_policy(lab->engine, &policy);
    lab_run_guest(lab);
    lab_stop(lab, "power-button:3s destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_MIGRATION_OUT);
    lab_pass_quietly(lab, 600 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT, "power-button=a migration holds the domain");
}

static void
tell_stats(Lab *lab, uint64_t cpu_ms, uint64_t writes)
{
    VsEvent event = {.type = VS_EVENT_STATS, .domain = &lab->guest.domain};

    event.stats = (VsStats){.cpu = cpu_ms * 1000000, .writes = writes, .requests = writes};
    lab_step(lab, &event, NULL);
}

static void
close_port(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_AGENT, .domain = &lab->guest.domain};

    event.agent.state = VS_AGENT_DISCONNECTED;
    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    lab_qmp(lab, "VSERPORT_CHANGE", "{\"open\":false,\"id\":\"channel0\"}");
    lab_step(lab, &event, NULL);
}

/* It takes the request, closes its agent's port, and then does nothing any more: its first figures,
 * and four windows of 5 s. */
static void
test_halted(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:60s " BUTTON);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC);
    close_port(lab);
    for (int i = 0; i < 4; i++) {
        tell_stats(lab, 1000 + 17 * i, 10);
        lab_pass_quietly(lab, 5 * SEC);
    }
    tell_stats(lab, 1000 + 17 * 4, 10);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(lab_last_record(lab)->verdict.clean, ==, VS_CLEAN_YES);
    lab_expect_finished(lab, VS_OUTCOME_HALTED, "agent=halted, destroy=halted");
}

/* With KVM one that only waits may take as little: it has its time. */
static void
test_still_with_kvm(Lab *lab, const void *data)
{
    lab->guest.description.halt_shows = false;
    lab_run_guest(lab);
    lab_stop(lab, "agent:60s " BUTTON);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC);
    close_port(lab);
    for (int i = 0; i < 6; i++) {
        tell_stats(lab, 1000 + 17 * i, 10);
        lab_pass_quietly(lab, 5 * SEC);
    }
}

/* A pause is no stillness: neither one that lies between two figures, nor one that is left be. */
static void
test_paused_not_halted(Lab *lab, const void *data)
{
    bool leave = GPOINTER_TO_UINT(data);

    set_policy(lab, leave ? VS_PAUSED_LEAVE : VS_PAUSED_RESUME, VS_ASLEEP_WAKE);
    lab_run_guest(lab);
    lab_stop(lab, "agent:60s " BUTTON);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC);
    close_port(lab);
    tell_stats(lab, 1000, 10);
    lab_pass_quietly(lab, SEC);
    be(lab, VS_STATE_PAUSED, leave ? VS_PAUSED_BY_USER : VS_PAUSED_DUMP);
    for (int i = 0; leave && i < 10; i++) {
        lab_pass_quietly(lab, 5 * SEC);
        tell_stats(lab, 1100, 10);
    }
    if (!leave) {
        lab_pass_quietly(lab, 40 * SEC);
        be(lab, VS_STATE_RUNNING, 0);
        tell_stats(lab, 1100, 10);
    }
    lab_pass_quietly(lab, 8 * SEC);
    g_assert_false(lab_guest(lab)->stop->halted);
    lab_expect_in_flight(lab);
}

/* One that idles, or still writes a little, or whose agent is there, has not halted. */
static void
test_not_halted(Lab *lab, const void *data)
{
    static const struct {
        uint64_t cpu_ms, writes;
        bool closes;
    } cases[] = {{140, 0, true}, {17, 1, true}, {17, 0, false}};
    unsigned i = GPOINTER_TO_UINT(data);

    lab_run_guest(lab);
    lab_stop(lab, "agent:60s " BUTTON);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC);
    if (cases[i].closes)
        close_port(lab);
    for (unsigned n = 0; n < 11; n++) {
        tell_stats(lab, cases[i].cpu_ms * n, cases[i].writes * n);
        lab_pass_quietly(lab, 5 * SEC);
    }
}

/* It writes hard when its time is over: it gets more, by and by, and no more than it may. */
static void
test_grace(Lab *lab, const void *data)
{
    VsPolicy policy = lab->policy;

    policy.all.progress_grace = 25 * SEC;
    vs_engine_set_policy(lab->engine, &policy);
    press(lab, BUTTON);
    lab_pass_quietly(lab, 50 * SEC);
    for (unsigned n = 0; n < 7; n++) {
        tell_stats(lab, n, 100 * n);
        lab_pass_quietly(lab, 5 * SEC - 1);
        if (n == 1)
            g_assert_cmpuint(lab_guest(lab)->stop->taken->len, ==, 1);
        lab_pass(lab, n < 6 ? 1 : 0);
    }
    g_assert_cmpuint(lab_guest(lab)->stop->taken->len, ==, 2);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "power-button=" VS_STEP_WRITES ", power-button=deadline, destroy=forced");
}

static void
test_no_grace(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_pass_quietly(lab, 50 * SEC);
    for (unsigned n = 0; n < 2; n++) {
        tell_stats(lab, n, 90 * n);
        lab_pass(lab, 5 * SEC);
    }
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* A restart of the daemon changes nothing of it. */
static void
test_restart(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_IOERROR);
    lab_pass(lab, 2 * SEC);
    lab_expect_call(lab, VS_METHOD_RESUME);
    lab_restart(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 4 * SEC);
    lab_expect_call(lab, VS_METHOD_RESUME);
    be(lab, VS_STATE_RUNNING, 0);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* A dump holds the domain and keeps it paused: the press that libvirt refuses for that is made when
 * the guest runs again. */
static void
test_dump_holds(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_DUMP);
    lab_stop(lab, BUTTON);
    lab_pass(lab, SEC);
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_DUMP);
    lab_pass_quietly(lab, 28 * SEC);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_TIMEOUT, 30 * SEC);
    tell_job(lab, VS_JOB_DUMP);
    lab_pass_quietly(lab, 600 * SEC);
    be(lab, VS_STATE_RUNNING, 0);
    lab_pass(lab, SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "power-button=a dump holds the domain, power-button=went down");
}

/* Somebody paused it while a job held it. */
static void
test_paused_behind_job(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, BUTTON);
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_MIGRATION_OUT);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_pass_quietly(lab, 29 * SEC);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, 30 * SEC);
    lab_pass(lab, SEC);
    lab_expect_call(lab, VS_METHOD_RESUME);
    be(lab, VS_STATE_RUNNING, 0);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

static void
stop_all(Lab *lab, const char *ladder, int64_t budget)
{
    VsEvent event = {.type = VS_EVENT_STOP_ALL};

    event.stop_all.ladder = ladder;
    event.stop_all.budget = budget;
    g_assert_true(lab_step(lab, &event, NULL));
}

/* The end of a host stop's time waits for no press that was to come. */
static void
test_paused_at_last_call(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    stop_all(lab, "power-button:30min,press=2,gap=10min destroy", 60 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 10 * SEC);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_DUMP);
    lab_pass_quietly(lab, 35 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* ... and has no time for a save. */
static void
test_save_at_last_call(Lab *lab, const void *data)
{
    set_policy(lab, VS_PAUSED_SAVE, VS_ASLEEP_WAKE);
    lab_run_guest(lab);
    stop_all(lab, BUTTON, 60 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 44 * SEC);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_pass(lab, 1 * SEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* What is told of a pause anew is asked for anew. */
static void
test_paused_twice(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_DUMP);
    lab_pass_quietly(lab, 10 * SEC);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_SNAPSHOT);
    lab_pass_quietly(lab, 600 * SEC);
}

/* It reboots while a job keeps it from being asked, and is asked when it is up. */
static void
test_reboot_behind_job(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, BUTTON);
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC);
    tell_job(lab, VS_JOB_MIGRATION_OUT);
    lab_pass(lab, 10 * SEC);
    lab_reset(lab);
    lab_pass(lab, SEC);
    lab_be_pressed(lab, call);
    lab_pass_quietly(lab, 4 * SEC);
    lab_pass(lab, 12 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_expect_note(lab, "rebooted, and is asked again");
    lab_pass(lab, 10 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}
/* It is reset while it is being let run, and is asked when it is up. */
static void
test_reset_paused(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    be(lab, VS_STATE_PAUSED, VS_PAUSED_BY_USER);
    lab_pass(lab, 2 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_RESUME));
    lab_reset(lab);
    be(lab, VS_STATE_RUNNING, 0);
    lab_pass_quietly(lab, 4 * SEC);
    lab_pass(lab, 2 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 10 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/obstacle/io-error", test_io_error);
    lab_add("/engine/obstacle/io-error-stays", test_io_error_stays);
    lab_add("/engine/obstacle/paused-at-the-end", test_paused_at_the_end);
    lab_add("/engine/obstacle/paused-between-steps", test_paused_between_steps);
    lab_add("/engine/obstacle/agent-meets-pause", test_agent_meets_pause);
    g_test_add("/engine/obstacle/paravirt-meets-pause", Lab, NULL, lab_set_up_xen,
               test_paravirt_meets_pause, lab_tear_down);
    lab_add("/engine/obstacle/dumped", test_dumped);
    g_test_add("/engine/obstacle/dumped-for-ever", Lab, GUINT_TO_POINTER(0), lab_set_up_default,
               test_dumped_for_ever, lab_tear_down);
    g_test_add("/engine/obstacle/dumped-for-ever-and-restarted", Lab, GUINT_TO_POINTER(1),
               lab_set_up_default, test_dumped_for_ever, lab_tear_down);
    lab_add("/engine/obstacle/paused-save", test_paused_save);
    lab_add("/engine/obstacle/paused-destroy", test_paused_destroy);
    lab_add("/engine/obstacle/paused-leave", test_paused_leave);
    lab_add("/engine/obstacle/asleep", test_asleep);
    lab_add("/engine/obstacle/falls-asleep", test_falls_asleep);
    lab_add("/engine/obstacle/asleep-leave", test_asleep_leave);
    lab_add("/engine/obstacle/agent-comes", test_agent_comes);
    lab_add("/engine/obstacle/agent-comes-in-vain", test_agent_comes_in_vain);
    g_test_add("/engine/obstacle/agent-comes-amid-press", Lab, GUINT_TO_POINTER(0),
               lab_set_up_default, test_agent_comes_amid_press, lab_tear_down);
    g_test_add("/engine/obstacle/agent-comes-and-press-fails", Lab, GUINT_TO_POINTER(1),
               lab_set_up_default, test_agent_comes_amid_press, lab_tear_down);
    lab_add("/engine/obstacle/no-acpi", test_no_acpi);
    lab_add("/engine/obstacle/panic", test_panic);
    lab_add("/engine/obstacle/panic-terminate", test_panic_terminate);
    lab_add("/engine/obstacle/reset-paused", test_reset_paused);
    lab_add("/engine/obstacle/panic-restarts", test_panic_restarts);
    lab_add("/engine/obstacle/job", test_job);
    lab_add("/engine/obstacle/late-job", test_late_job);
    lab_add("/engine/obstacle/paused-by-job", test_paused_by_job);
    lab_add("/engine/obstacle/resumed-by-others", test_resumed_by_others);
    lab_add("/engine/obstacle/not-resumed", test_not_resumed);
    lab_add("/engine/obstacle/job-over", test_job_over);
    lab_add("/engine/obstacle/no-job", test_no_job);
    lab_add("/engine/obstacle/job-abort", test_job_abort);
    lab_add("/engine/obstacle/job-leave", test_job_leave);
    lab_add("/engine/obstacle/halted", test_halted);
    lab_add("/engine/obstacle/still-with-kvm", test_still_with_kvm);
    for (unsigned i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("/engine/obstacle/not-halted/%u", i);

        g_test_add(name, Lab, GUINT_TO_POINTER(i), lab_set_up_default, test_not_halted,
                   lab_tear_down);
    }
    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *name = g_strdup_printf("/engine/obstacle/paused-not-halted/%u", i);

        g_test_add(name, Lab, GUINT_TO_POINTER(i), lab_set_up_default, test_paused_not_halted,
                   lab_tear_down);
    }
    lab_add("/engine/obstacle/grace", test_grace);
    lab_add("/engine/obstacle/no-grace", test_no_grace);
    lab_add("/engine/obstacle/dump-holds", test_dump_holds);
    lab_add("/engine/obstacle/paused-behind-job", test_paused_behind_job);
    lab_add("/engine/obstacle/paused-at-last-call", test_paused_at_last_call);
    lab_add("/engine/obstacle/save-at-last-call", test_save_at_last_call);
    lab_add("/engine/obstacle/paused-twice", test_paused_twice);
    lab_add("/engine/obstacle/reboot-behind-job", test_reboot_behind_job);
    lab_add("/engine/obstacle/restart", test_restart);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* Guests that reboot when they are to go down, or that libvirt starts anew. */

#define BUTTON "power-button:120s destroy"

static void
run_guest(Lab *lab)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
}

static void
host_reset(Lab *lab)
{
    lab_qmp(lab, "RESET", "{\"guest\":false,\"reason\":\"host-qmp-system-reset\"}");
}

/* What libvirt makes of a power-off where it is to start the guest anew. */
static void
start_anew(Lab *lab)
{
    host_reset(lab);
    lab_qmp(lab, "RESUME", NULL);
    lab->guest.state = VS_STATE_RUNNING;
    lab_lifecycle(lab, VS_LIFECYCLE_RESUMED, 0);
    lab_reset(lab); /* by the firmware */
}

static void
test_asked_again(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, SEC);
    lab_reset(lab);
    lab_pass_quietly(lab, SEC);
    lab_reset(lab);
    lab_pass_quietly(lab, 5 * SEC - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_expect_note(lab, "rebooted, and is asked again (1 of 2)");
    lab_pass_quietly(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=rebooted, power-button=went down");
}

/* Nothing tells when it is up: it is pressed again, at pauses that grow, and the step's end stays.
 */
static void
test_boots_slowly(Lab *lab, const void *data)
{
    static const int pauses[] = {5, 10, 20, 40};

    run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    host_reset(lab);
    for (size_t i = 0; i < G_N_ELEMENTS(pauses); i++) {
        lab_pass_quietly(lab, pauses[i] * SEC - 1);
        lab_pass(lab, 1);
        lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    }
    lab_pass_quietly(lab, 45 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "power-button=rebooted, power-button=deadline, destroy=forced");
}

/* All of a step's presses are made anew. */
static void
test_presses_anew(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_stop(lab, "power-button:120s,press=2,gap=2s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 2 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    host_reset(lab);
    lab_pass(lab, 5 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 2 * SEC - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=rebooted, power-button=went down");
}

/* Its agent is there again, or isn't. */
static void
test_agent(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:120s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, SEC);
    lab_reset(lab);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_pass_quietly(lab, 60 * SEC);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass_quietly(lab, 59 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_agent_is_quick(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_reset(lab);
    lab_pass_quietly(lab, 3 * SEC);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 117 * SEC - 1); /* it was up: once is enough */
}

static void
reboot_each_time(Lab *lab, unsigned retries)
{
    for (unsigned i = 0; i <= retries; i++) {
        lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
        lab_reset(lab);
        if (i < retries) {
            lab_pass_quietly(lab, 5 * SEC - 1);
            lab_pass(lab, 1);
        }
    }
}

/* Asked often enough, it is ended at the moment at which its system is down. */
static void
test_reboots_each_time(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_stop(lab, BUTTON);
    reboot_each_time(lab, 2);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_reset(lab); /* by the firmware */
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_REBOOT, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN,
                        "power-button=rebooted, power-button=rebooted, power-button=rebooted, "
                        "destroy=clean");
}

/* ... but one that is never forced is not, and has the rest of its time. */
static void
test_never_forced(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_stop(lab, "power-button:120s leave");
    reboot_each_time(lab, 2);
    lab_pass_quietly(lab, 110 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT,
                        "power-button=rebooted, power-button=rebooted, power-button=rebooted");
}

static void
test_no_retries(Lab *lab, const void *data)
{
    lab->policy.all.retries = 0;
    vs_engine_set_policy(lab->engine, &lab->policy);
    run_guest(lab);
    lab_stop(lab, BUTTON);
    reboot_each_time(lab, 0);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_REBOOT, VS_CONFIDENCE_CERTAIN);
}

/* Somebody else's reset finds a system that is not down. */
static void
test_reset_is_no_end(Lab *lab, const void *data)
{
    lab->policy.all.retries = 0;
    vs_engine_set_policy(lab->engine, &lab->policy);
    run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 117 * SEC);
    host_reset(lab);
    lab_reset(lab); /* by the firmware */
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

/* Nor does a watchdog's. */
static void
test_watchdog_is_no_end(Lab *lab, const void *data)
{
    lab->policy.all.retries = 0;
    vs_engine_set_policy(lab->engine, &lab->policy);
    run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_qmp(lab, "WATCHDOG", "{\"action\":\"reset\"}");
    lab_reset(lab);
    lab_pass_quietly(lab, 100 * SEC);
    lab_expect_in_flight(lab);
}

/* The step's end comes while it starts: that is no end at the moment when it was down. */
static void
test_deadline_while_it_starts(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_stop(lab, "power-button:10s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 8 * SEC);
    lab_reset(lab);
    lab_pass(lab, 2 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

/* A reboot of libvirt's that the guest ignored was pending. */
static void
test_power_off_becomes_reset(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, SEC);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    start_anew(lab);
    lab_pass_quietly(lab, 10 * SEC);
    lab_agent(lab, VS_AGENT_CONNECTED);
    g_assert_true(((VsAction *)lab->calls->pdata[0])->clears_reboot);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=rebooted, agent=went down");
}

/* As long as libvirt waits for the agent's answer its XML has the port for connected, which is no
 * agent of after the reboot. */
static void
test_agent_is_stale(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:120s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, SEC);
    lab_qmp(lab, "VSERPORT_CHANGE", "{\"open\":false,\"id\":\"channel0\"}");
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    start_anew(lab);
    lab_answer_look_up(lab, lab->last_serial);
    lab_pass_quietly(lab, 2 * SEC);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_pass_quietly(lab, 10 * SEC);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
}

/* libvirt would start it anew whenever it powers off: it is ended as it does, whether that, or its
 * destroy, is quicker. */
static void
restart_each_time(Lab *lab, bool quick)
{
    lab->guest.description.on_poweroff = VS_ON_POWEROFF_RESTART;
    run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    if (quick)
        start_anew(lab);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down, destroy=clean");
}

static void
test_restart(Lab *lab, const void *data)
{
    restart_each_time(lab, true);
}

static void
test_restart_is_slow(Lab *lab, const void *data)
{
    restart_each_time(lab, false);
}

/* The RESUME comes behind the signal of the destroy. */
static void
test_restart_is_told_late(Lab *lab, const void *data)
{
    lab->guest.description.on_poweroff = VS_ON_POWEROFF_RESTART;
    run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    host_reset(lab);
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-signal\"}");
    lab_qmp(lab, "RESUME", NULL);
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down, destroy=clean");
}

/* A restart of virtstopd in between changes nothing. */
static void
test_taken_over(Lab *lab, const void *data)
{
    run_guest(lab);
    lab_stop(lab, BUTTON);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_reset(lab);
    lab_pass(lab, 5 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_reset(lab);
    lab_restart(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 5 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_reset(lab);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/reboot/asked-again", test_asked_again);
    lab_add("/engine/reboot/boots-slowly", test_boots_slowly);
    lab_add("/engine/reboot/presses-anew", test_presses_anew);
    lab_add("/engine/reboot/agent", test_agent);
    lab_add("/engine/reboot/agent-is-quick", test_agent_is_quick);
    lab_add("/engine/reboot/agent-is-stale", test_agent_is_stale);
    lab_add("/engine/reboot/each-time", test_reboots_each_time);
    lab_add("/engine/reboot/never-forced", test_never_forced);
    lab_add("/engine/reboot/no-retries", test_no_retries);
    lab_add("/engine/reboot/reset-is-no-end", test_reset_is_no_end);
    lab_add("/engine/reboot/watchdog-is-no-end", test_watchdog_is_no_end);
    lab_add("/engine/reboot/deadline-while-it-starts", test_deadline_while_it_starts);
    lab_add("/engine/reboot/power-off-becomes-reset", test_power_off_becomes_reset);
    lab_add("/engine/reboot/restart", test_restart);
    lab_add("/engine/reboot/restart-is-slow", test_restart_is_slow);
    lab_add("/engine/reboot/restart-is-told-late", test_restart_is_told_late);
    lab_add("/engine/reboot/taken-over", test_taken_over);
    return g_test_run();
}

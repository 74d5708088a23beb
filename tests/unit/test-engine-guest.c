/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* What a guest may do by itself, with a stop in flight or without. */

static void
test_powers_itself_off(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
    lab_pass(lab, 600 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(lab_last_record(lab)->took, ==, 3 * SEC / 2);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 1);
    g_assert_null(lab_last_record(lab)->request);
    g_assert_null(lab->saved);
}

/* Somebody else may have asked its agent. */
static void
test_powers_itself_off_with_agent(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* The agent of the run before is gone with it. */
static void
test_agent_of_another_run(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_be_destroyed(lab);
    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    g_ptr_array_set_size(lab->records, 0);
    lab_boot(lab);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

static void
test_one_record_a_run(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    for (unsigned i = 1; i <= 3; i++) {
        lab_power_off(lab);
        g_assert_cmpuint(lab->records->len, ==, i);
        lab_be_reaped(lab); /* a straggler */
        g_assert_cmpuint(lab->records->len, ==, i);
        lab_boot(lab);
    }
    g_assert_cmpstr(((VsRecord *)lab->records->pdata[0])->id.text, !=,
                    ((VsRecord *)lab->records->pdata[1])->id.text);
}

/* What it was asked is forgotten, but the step's time runs on, and so does the ladder. */
static void
test_reboots_in_a_stop(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass_quietly(lab, 20 * SEC);
    lab_reset(lab);
    lab_pass_quietly(lab, 40 * SEC - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=rebooted, power-button=went down");
}

static void
test_intent_ends_with_reboot(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, 20 * SEC);
    lab_reset(lab);
    lab_pass(lab, 20 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* libvirt's word of a reboot comes after QEMU's: what was asked in between still stands. */
static void
test_reboot_is_told_late(Lab *lab, const void *data)
{
    VsEvent reboot = {.type = VS_EVENT_REBOOT, .domain = &lab->guest.domain};

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_qmp(lab, "RESET", NULL);
    g_assert_true(lab_request(lab, VS_EVENT_ESCALATE, NULL));
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_step(lab, &reboot, NULL);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* Where nobody but libvirt speaks, its word has to do. */
static void
test_reboot_without_qmp(Lab *lab, const void *data)
{
    VsEvent reboot = {.type = VS_EVENT_REBOOT, .domain = &lab->guest.domain};

    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_step(lab, &reboot, NULL);
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* on_poweroff=restart: the guest goes down and comes up again, the ladder goes on where it was. */
static void
test_goes_down_and_comes_back(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:60s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, 10 * SEC);
    lab_go_down(lab);
    lab_reset(lab);
    lab_pass_quietly(lab, 50 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

static void
test_stop_while_going_down(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_go_down(lab);
    lab_stop(lab, NULL);
    lab_pass_quietly(lab, SEC);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "");
}

/* ... and it was only a reboot: now the ladder begins, with all its time. */
static void
test_stop_while_rebooting(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_go_down(lab);
    lab_stop(lab, "agent:60s destroy");
    lab_pass_quietly(lab, SEC);
    lab_reset(lab);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_restarted_in_a_stop(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_boot(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 1);
    g_assert_cmpuint(lab->n_finished, ==, 1);
    lab_pass_quietly(lab, 3600 * SEC);
    g_assert_nonnull(lab_guest(lab)->run);
    g_assert_cmpint(lab_guest(lab)->domain.id, >, 1);
}

static void
test_paused_is_resumed_first(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_RESUME));
    lab_pass_quietly(lab, SEC);
    lab_pause(lab, false);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "resume=resumed, agent=went down");
}

static void
test_resume_says_no_word(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, NULL);
    lab->guest.state = VS_STATE_RUNNING;
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_RESUME));
    lab_expect_call(lab, VS_METHOD_AGENT);
}

static void
test_resume_fails(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, NULL);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_RESUME), VS_LIBVIRT_OPERATION_FAILED, 0);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_expect_note(lab, "step power-button is passed over: the domain is paused");
}

static void
test_paused_leave(Lab *lab, const void *data)
{
    VsPolicy policy = lab->policy;

    policy.all.paused = VS_PAUSED_LEAVE;
    vs_engine_set_policy(lab->engine, &policy);
    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, "agent:60s power-button:60s leave");
    lab_expect_no_call(lab);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT,
                        "agent=the domain is paused, power-button=the domain is paused");
}

/* It goes down before libvirt says that it runs again. */
static void
test_down_while_resuming(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_RESUME);
    lab_qmp(lab, "RESUME", NULL);
    lab_go_down(lab);
    lab_pass_quietly(lab, SEC);
    lab_be_reaped(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "resume=went down");
}

static void
test_crashed(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_qmp(lab, "GUEST_PANICKED", "{\"action\":\"pause\"}");
    lab_lifecycle(lab, VS_LIFECYCLE_CRASHED, VS_CRASHED_PANICKED);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_expect_note(lab, "the domain has crashed");
}

/* A crash kernel that writes its dump is no guest to be destroyed at once. */
static void
test_crash_kernel(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_qmp(lab, "GUEST_CRASHLOADED", "{\"action\":\"run\"}");
    lab_lifecycle(lab, VS_LIFECYCLE_CRASHED, VS_CRASHED_CRASHLOADED);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
}

static void
test_evidence_is_bounded(Lab *lab, const void *data)
{
    json_object *evidence, *last;
    size_t length;

    lab_run_guest(lab);
    lab_pass(lab, 600 * SEC); /* so that nothing is in doubt */
    for (int i = 0; i < 1000; i++)
        lab_qmp(lab, "VSERPORT_CHANGE", "{\"open\":true,\"id\":\"channel0\"}");
    lab_power_off(lab);
    evidence = lab_last_record(lab)->evidence;
    length = json_object_array_length(evidence);
    g_assert_cmpuint(length, ==, VS_EVIDENCE_MAX_ITEMS);
    last = json_object_array_get_idx(evidence, length - 1);
    g_assert_cmpstr(vs_json_string(last, "type", NULL), ==, "stopped");
}

/* What doesn't bear on a stop is no evidence, and costs nothing. */
static void
test_other_events(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    g_clear_pointer(&lab->saved, g_free);
    lab_qmp(lab, "RTC_CHANGE", "{\"offset\":1}");
    lab_qmp(lab, "BLOCK_JOB_READY", NULL);
    g_assert_null(lab->saved);
    g_assert_cmpuint(json_object_array_length(lab_guest(lab)->run->evidence), ==, 0);
}

static void
test_host_shutdown(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = true};

    lab_run_guest(lab);
    lab_step(lab, &event, NULL);
    lab_power_off(lab);
    g_assert_true(lab_last_record(lab)->host_shutdown);

    event.host_shutdown.active = false;
    lab_step(lab, &event, NULL);
    lab_boot(lab);
    lab_power_off(lab);
    g_assert_false(lab_last_record(lab)->host_shutdown);
}

/* Idle guests: nothing to wake up for. */
static void
test_idle(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    g_assert_cmpint(vs_engine_next_timer(lab->engine), ==, INT64_MAX);
    lab_power_off(lab);
    g_assert_cmpint(vs_engine_next_timer(lab->engine), ==, INT64_MAX);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/guest/powers-itself-off", test_powers_itself_off);
    lab_add("/engine/guest/powers-itself-off-with-agent", test_powers_itself_off_with_agent);
    lab_add("/engine/guest/agent-of-another-run", test_agent_of_another_run);
    lab_add("/engine/guest/one-record-a-run", test_one_record_a_run);
    lab_add("/engine/guest/reboots-in-a-stop", test_reboots_in_a_stop);
    lab_add("/engine/guest/intent-ends-with-reboot", test_intent_ends_with_reboot);
    lab_add("/engine/guest/reboot-is-told-late", test_reboot_is_told_late);
    lab_add("/engine/guest/reboot-without-qmp", test_reboot_without_qmp);
    lab_add("/engine/guest/goes-down-and-comes-back", test_goes_down_and_comes_back);
    lab_add("/engine/guest/stop-while-going-down", test_stop_while_going_down);
    lab_add("/engine/guest/stop-while-rebooting", test_stop_while_rebooting);
    lab_add("/engine/guest/restarted-in-a-stop", test_restarted_in_a_stop);
    lab_add("/engine/guest/paused-is-resumed-first", test_paused_is_resumed_first);
    lab_add("/engine/guest/resume-says-no-word", test_resume_says_no_word);
    lab_add("/engine/guest/resume-fails", test_resume_fails);
    lab_add("/engine/guest/paused-leave", test_paused_leave);
    lab_add("/engine/guest/down-while-resuming", test_down_while_resuming);
    lab_add("/engine/guest/crashed", test_crashed);
    lab_add("/engine/guest/crash-kernel", test_crash_kernel);
    lab_add("/engine/guest/evidence-is-bounded", test_evidence_is_bounded);
    lab_add("/engine/guest/other-events", test_other_events);
    lab_add("/engine/guest/host-shutdown", test_host_shutdown);
    lab_add("/engine/guest/idle", test_idle);
    return g_test_run();
}

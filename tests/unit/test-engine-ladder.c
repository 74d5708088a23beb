/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* A stop's way down the ladder, and what the guest's and libvirt's behaviour makes of it. */

static void
test_every_deadline(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 120 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_expect_in_flight(lab);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "agent=deadline, power-button=deadline, destroy=forced");
    lab_pass_quietly(lab, 3600 * SEC);
}

static void
test_agent_works(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 4 * SEC);
    lab_go_down(lab);
    lab_reply_ok(lab, call);
    lab_pass_quietly(lab, SEC);
    lab_expect_no_record(lab);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
    g_assert_cmpint(lab_last_record(lab)->took, ==, 5 * SEC);
    lab_pass_quietly(lab, 3600 * SEC);
}

static void
test_who_asked_is_kept(Lab *lab, const void *data)
{
    json_object *request, *by;
    int64_t uid = 0, pid = 0;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_power_off(lab);
    request = lab_last_record(lab)->request;
    g_assert_cmpstr(vs_json_string(request, "reason", NULL), ==, "the roof is on fire");
    by = vs_json_object(request, "by");
    g_assert_true(vs_json_int(by, "uid", &uid) && vs_json_int(by, "pid", &pid));
    g_assert_cmpint(uid, ==, 1000);
    g_assert_cmpint(pid, ==, 42);
    g_assert_cmpstr(vs_json_string(by, "comm", NULL), ==, "virtstopctl");
}

static void
test_no_agent_is_passed_over(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_expect_note(lab, "step agent is passed over: no agent channel");
    lab_pass_quietly(lab, 120 * SEC - 1);
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=no agent channel, power-button=went down");
}

static void
test_agent_not_connected(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    lab_run_guest(lab);
    lab_stop(lab, "agent:60s destroy");
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_expect_note(lab, "the agent isn't connected");
}

/* The driver knows no such flag, or the agent's command fails: at once the next step. */
static void
test_agent_refuses(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_AGENT), VS_LIBVIRT_ARGUMENT_UNSUPPORTED, 0);
    lab_expect_note(lab, "step agent did not work: libvirt says no");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 10 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=libvirt says no, power-button=went down");
}

/* It doesn't wake up within libvirt's 5 s: whether it heard is not known. */
static void
test_agent_hangs(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "agent:60s power-button:120s destroy");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 5 * SEC);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, 5 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 2 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

/* It goes down with its system, and takes the answer along. */
static void
test_agent_goes_with_its_system(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_qmp(lab, "VSERPORT_CHANGE", "{\"open\":false,\"id\":\"channel0\"}");
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC / 10);
    lab_pass_quietly(lab, 10 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
}

static void
agent_took_it(Lab *lab, int code, int64_t after)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, after);
    lab_reply_error(lab, call, code, after);
    lab_pass_quietly(lab, 58 * SEC - after);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

static void
test_agent_took_it(Lab *lab, const void *data)
{
    agent_took_it(lab, VS_LIBVIRT_AGENT_UNRESPONSIVE, 1 * SEC);
}

static void
test_agent_took_it_newer(Lab *lab, const void *data)
{
    agent_took_it(lab, VS_LIBVIRT_AGENT_COMMAND_TIMEOUT, 5 * SEC);
}

/* An answer that comes when its step is over changes nothing any more. */
static void
test_late_answer(Lab *lab, const void *data)
{
    uint64_t agent, button;

    lab_run_guest(lab);
    lab_stop(lab, "agent:10s power-button:120s destroy");
    agent = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 10 * SEC);
    button = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 20 * SEC);
    lab_reply_error(lab, agent, VS_LIBVIRT_OPERATION_TIMEOUT, 30 * SEC);
    lab_reply_ok(lab, button);
    lab_reply_error(lab, button, VS_LIBVIRT_INTERNAL_ERROR, 0);
    lab_pass_quietly(lab, 120 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* A migration or a dump holds the domain: the press is tried again until the step's own end. */
static void
test_button_busy(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    for (int i = 0; i < 3; i++) {
        lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON),
                        VS_LIBVIRT_OPERATION_TIMEOUT, 0);
        lab_pass_quietly(lab, 5 * SEC - 1);
        lab_pass(lab, 1);
    }
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 45 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_press_twice(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s,press=2,gap=500ms leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, SEC / 2 - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 9 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* A second press waits for the first one's answer, never two calls at once, and then for the gap.
 */
static void
test_press_waits_for_answer(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s,press=2,gap=500ms leave");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 10 * SEC);
    lab_reply_ok(lab, call);
    lab_pass_quietly(lab, SEC / 2 - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* A libvirt or a QEMU that stood still for a moment: the guest has its whole time all the same. */
static void
pressed_late(Lab *lab, bool told)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:6s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 12 * SEC / 10);
    if (told)
        lab_be_pressed(lab, call);
    else
        lab_reply_ok(lab, call);
    lab_pass_quietly(lab, 6 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_pressed_late(Lab *lab, const void *data)
{
    pressed_late(lab, true);
}

static void
test_answered_late(Lab *lab, const void *data)
{
    pressed_late(lab, false);
}

static void
test_second_press_is_lost(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s,press=2,gap=500ms leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC / 2);
    lab_reply_lost(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 50 * SEC);
}

/* A guest that takes its time is most likely about what it heard first; one that is down right
 * after the press obeys that. */
static void
test_two_had_asked(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, 60 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 9 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

static void
test_two_had_asked_a_slow_one(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, 60 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 40 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* ... unless it had not obeyed that for long. */
static void
test_two_had_asked_long_ago(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:30min power-button:60s leave");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, 30 * 60 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 15 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

static void
test_leave(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 60 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT, "power-button=deadline");
    lab_expect_no_record(lab);
    lab_expect_note(lab, "is left running");

    /* The press is over: what comes now is the guest's own doing. */
    lab_pass_quietly(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    g_assert_null(lab_last_record(lab)->request);
}

static void
test_ladder_without_end(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:10s");
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 10 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT, "agent=deadline");
}

static void
test_destroy_fails(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_DESTROY), VS_LIBVIRT_OPERATION_FAILED, 0);
    lab_expect_finished(lab, VS_OUTCOME_FAILED, "destroy=libvirt says no");
    lab_expect_no_record(lab);
    lab_pass_quietly(lab, 3600 * SEC);
}

/* libvirt gave up, but the signal was sent, and the process ends in the end. */
static void
test_destroy_fails_and_works_later(Lab *lab, const void *data)
{
    test_destroy_fails(lab, data);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpstr(vs_json_string(lab_last_record(lab)->request, "outcome", NULL), ==, "failed");
}

static void
test_destroy_takes_for_ever(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_pass_quietly(lab, 60 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_FAILED, "destroy=deadline");
}

/* "Domain is not running": the STOPPED is on its way, or was lost. */
static void
test_destroy_of_the_dead(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    call = lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, 0);
    lab_pass_quietly(lab, 9 * SEC); /* what libvirt tells of it is waited for */
    lab_expect_no_record(lab);
    lab_pass(lab, SEC);
    lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "destroy=forced");
}

static void
reply_still_there(Lab *lab, uint64_t call)
{
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &lab->guest.domain};

    event.reply.call = call;
    event.reply.ok = true;
    event.reply.still_there = true;
    lab_step(lab, &event, NULL);
}

/* libvirt 7.0 and 9.0 say done when they give up: the record waits for the check. */
static void
test_still_there(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    call = lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_pass(lab, 42 * SEC);
    lab_be_destroyed(lab);
    lab_pass(lab, 5 * SEC);
    lab_answer_log(lab); /* of some other time */
    lab_expect_no_record(lab);
    reply_still_there(lab, call);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FAILED, "destroy=failed");
    lab_expect_note(lab, "its process is still there");
}

/* ... but not for ever. */
static void
test_answer_never_comes(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_pass(lab, 10 * SEC - 1);
    lab_expect_no_record(lab);
    lab_pass(lab, 1);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

/* The system is down, the process hangs: only a destroy can help, and only where it is allowed. */
static void
test_process_stays(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:5min destroy");
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_go_down(lab);
    lab_pass_quietly(lab, 45 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down, destroy=clean");
}

static void
test_process_stays_and_is_left(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:5min leave");
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_go_down(lab);
    lab_pass_quietly(lab, 45 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_FAILED, "agent=went down");
    lab_pass_quietly(lab, 3600 * SEC);
}

/* An agent that hung was never asked, and the guest went by itself meanwhile. */
static void
test_agent_hangs_and_goes(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "agent:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 2 * SEC);
    lab->agent_hangs = true;
    lab_go_down(lab);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, 5 * SEC);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* ... and libvirt's answer may come behind the end. */
static void
test_agent_hung_and_went(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "agent:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 4 * SEC);
    lab->agent_hangs = lab->mute = true;
    lab_go_down(lab);
    lab_be_reaped(lab);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, 5 * SEC);
    lab_answer_log(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/ladder/every-deadline", test_every_deadline);
    lab_add("/engine/ladder/agent-works", test_agent_works);
    lab_add("/engine/ladder/who-asked-is-kept", test_who_asked_is_kept);
    lab_add("/engine/ladder/no-agent-is-passed-over", test_no_agent_is_passed_over);
    lab_add("/engine/ladder/agent-not-connected", test_agent_not_connected);
    lab_add("/engine/ladder/agent-refuses", test_agent_refuses);
    lab_add("/engine/ladder/agent-hangs", test_agent_hangs);
    lab_add("/engine/ladder/agent-goes-with-its-system", test_agent_goes_with_its_system);
    lab_add("/engine/ladder/agent-took-it", test_agent_took_it);
    lab_add("/engine/ladder/agent-took-it-newer", test_agent_took_it_newer);
    lab_add("/engine/ladder/late-answer", test_late_answer);
    lab_add("/engine/ladder/button-busy", test_button_busy);
    lab_add("/engine/ladder/press-twice", test_press_twice);
    lab_add("/engine/ladder/press-waits-for-answer", test_press_waits_for_answer);
    lab_add("/engine/ladder/pressed-late", test_pressed_late);
    lab_add("/engine/ladder/answered-late", test_answered_late);
    lab_add("/engine/ladder/second-press-is-lost", test_second_press_is_lost);
    lab_add("/engine/ladder/two-had-asked", test_two_had_asked);
    lab_add("/engine/ladder/two-had-asked-a-slow-one", test_two_had_asked_a_slow_one);
    lab_add("/engine/ladder/two-had-asked-long-ago", test_two_had_asked_long_ago);
    lab_add("/engine/ladder/leave", test_leave);
    lab_add("/engine/ladder/without-end", test_ladder_without_end);
    lab_add("/engine/ladder/destroy-fails", test_destroy_fails);
    lab_add("/engine/ladder/destroy-fails-and-works-later", test_destroy_fails_and_works_later);
    lab_add("/engine/ladder/destroy-takes-for-ever", test_destroy_takes_for_ever);
    lab_add("/engine/ladder/destroy-of-the-dead", test_destroy_of_the_dead);
    lab_add("/engine/ladder/still-there", test_still_there);
    lab_add("/engine/ladder/answer-never-comes", test_answer_never_comes);
    lab_add("/engine/ladder/agent-hangs-and-goes", test_agent_hangs_and_goes);
    lab_add("/engine/ladder/agent-hung-and-went", test_agent_hung_and_went);
    lab_add("/engine/ladder/process-stays", test_process_stays);
    lab_add("/engine/ladder/process-stays-and-is-left", test_process_stays_and_is_left);
    return g_test_run();
}

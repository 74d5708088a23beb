/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "util/json.h"
#include "vs-test.h"

/* Who was asked, whether that was heard, and when: what a verdict rests on that calls it certain.
 */

/* QEMU's word comes so late; it says when that was. */
static void
tell_late(Lab *lab, const char *what, int64_t late)
{
    VsEvent event = {.type = VS_EVENT_QMP, .domain = &lab->guest.domain};

    event.qmp.event = what;
    event.qmp.time = lab->now.real - late;
    lab_step(lab, &event, NULL);
}

static void
run_watched(Lab *lab)
{
    lab_connect(lab);
    lab_boot(lab);
    lab_pass(lab, 20 * SEC);
}

/* The word of our own press is late: it was no press by somebody else, 8 s before. */
static void
test_late_word(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_stop(lab, "power-button:20s leave");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 3 * SEC);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 8 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

/* Somebody pressed, which is told 4 s later, and the guest goes down 12 s after it was pressed. */
static void
test_press_told_late(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_pass(lab, 4 * SEC);
    tell_late(lab, "POWERDOWN", 4 * SEC);
    lab_pass(lab, 8 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

/* The clock was set back by an hour: it says nothing of when that was. */
static void
test_other_clock(Lab *lab, const void *data)
{
    run_watched(lab);
    tell_late(lab, "POWERDOWN", 3600 * SEC);
    lab_pass(lab, 2 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* Somebody had pressed a second before we did: that isn't the word of our press. */
static void
test_press_before_ours(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_stop(lab, "power-button:20s leave");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    tell_late(lab, "POWERDOWN", SEC);
    lab_pass(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

/* Our time is over, but not that of a press by somebody else. */
static void
test_others_press_stands(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, SEC);
    lab_stop(lab, "agent:2s leave");
    lab_pass(lab, 3 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* Nor does ours, which came to nothing, take its place. */
static void
test_others_press_stands_again(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 5 * SEC);
    lab_stop(lab, "power-button:20s leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 60 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

static void
ask_agent(Lab *lab, uint64_t *ret_call)
{
    run_watched(lab);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:60s leave");
    *ret_call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab->agent_hangs = true;
}

/* libvirt says at once that no agent is there, and only then it is told that its port was closed:
 * it wasn't asked before. */
static void
test_port_was_closed(Lab *lab, const void *data)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, 1000);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* The same of one whose SHUTDOWN is quicker than the answer, as its system was down already. */
static void
test_was_down(Lab *lab, const void *data)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_go_down(lab);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, 1000);
    lab_be_reaped(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* It reset as it booted, before it was asked, which is told later: it didn't reboot for that. */
static void
test_reset_told_late(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_stop(lab, "power-button:20s leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
    tell_late(lab, "RESET", 3 * SEC);
    lab_pass(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* ... and now it does. */
static void
test_reset_since(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_stop(lab, "power-button:20s leave");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 3 * SEC);
    tell_late(lab, "RESET", SEC);
    lab_pass(lab, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* It obeyed its agent by a reboot; our press came behind that, and before it was told. */
static void
test_rebooted_before_press(Lab *lab, const void *data)
{
    uint64_t call;

    run_watched(lab);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:20s power-button:20s destroy");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_reply_ok(lab, call);
    lab_pass(lab, 20 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, SEC / 2);
    tell_late(lab, "RESET", SEC);
    g_assert_cmpuint(lab_guest(lab)->run->attempt, ==, 1);
}

/* Two presses of ours, and QEMU's word of the first comes behind the second: nobody else pressed.
 */
static void
test_first_press_told_late(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_stop(lab, "power-button:20s,press=2,gap=1s leave");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC / 5);
    tell_late(lab, "POWERDOWN", SEC + SEC / 5);
    g_assert_cmpint(lab_guest(lab)->run->others.by, ==, VS_ASKED_BY_NOBODY);
    g_assert_cmpint(lab_guest(lab)->run->button.heard, ==, VS_HEARD_YES);
}

/* Its agent is told at once not to be there: it is killed, and did not power off.
 */
static void
test_unheard_and_killed(Lab *lab, const void *data)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, 30 * 1000);
    lab_pass(lab, 3 * SEC);
    lab_close(lab);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    lab_pass(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 60 * SEC);
    lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
}

/* A port that is closed behind the SHUTDOWN goes with QEMU. */
static void
test_port_closed_behind(Lab *lab, const void *data)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_go_down(lab);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_be_reaped(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* Its XML can't be read: somebody may have asked an agent that nobody saw. */
static void
test_agent_not_known(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab->hung = GPOINTER_TO_INT(data);
    run_watched(lab);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED,
                      lab->hung ? VS_CONFIDENCE_LIKELY : VS_CONFIDENCE_CERTAIN);
}

/* A system that had let a press go by as it booted is asked by its agent, and goes off at once: its
 * QEMU closes the agent's socket, and that is told before its SHUTDOWN. */
static void
be_cut(Lab *lab, int64_t later)
{
    uint64_t call;

    run_watched(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 30 * SEC);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:60s leave");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab->agent_hangs = true;
    lab_pass(lab, SEC / 2);
    lab_reply_error(lab, call, VS_LIBVIRT_INTERNAL_ERROR, SEC / 2);
    lab_pass(lab, later);
    lab_power_off(lab);
}

static void
test_cut(Lab *lab, const void *data)
{
    be_cut(lab, SEC / 20);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* Long behind such an answer it was a refusal. */
static void
test_cut_long_before(Lab *lab, const void *data)
{
    be_cut(lab, 2 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

/* Its agent had answered just before it was asked, and libvirt's answer is that QEMU closed the
 * agent's socket. */
static void
tell_cut(Lab *lab, uint64_t call, int64_t took, VsAgentWoke woke)
{
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &lab->guest.domain};

    event.reply.call = call;
    event.reply.code = VS_LIBVIRT_INTERNAL_ERROR;
    event.reply.message = "internal error: End of file from agent socket";
    event.reply.took = took;
    event.reply.woke = woke;
    lab_step(lab, &event, NULL);
}

/* QEMU says when its system was down. */
static void
tell_down(Lab *lab, int64_t late)
{
    VsEvent event = {.type = VS_EVENT_QMP, .domain = &lab->guest.domain};

    event.qmp.event = "SHUTDOWN";
    event.qmp.details = "{\"guest\":true,\"reason\":\"guest-shutdown\"}";
    event.qmp.time = lab->now.real - late;
    lab_step(lab, &event, NULL);
}

/* What comes of it where the answer is there @before the word that it is down, or behind it. */
static void
be_taken_along(Lab *lab, VsAgentWoke woke, int64_t took, int64_t before, VsConfidence confidence)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_pass(lab, took);
    if (before < 0)
        lab_go_down(lab);
    tell_cut(lab, call, took, woke);
    if (before >= 0)
        lab_pass(lab, before);
    if (before >= 0)
        tell_down(lab, before + SEC / 1000);
    lab_be_reaped(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, confidence);
}

static void
test_taken_along(Lab *lab, const void *data)
{
    be_taken_along(lab, VS_AGENT_WOKE_YES, SEC / 3, -1, VS_CONFIDENCE_CERTAIN);
}

static void
test_taken_along_told_late(Lab *lab, const void *data)
{
    be_taken_along(lab, VS_AGENT_WOKE_YES, SEC / 3, SEC / 5, VS_CONFIDENCE_CERTAIN);
}

/* ... so late that it was taken for a refusal, and the guest left. */
static void
test_taken_along_told_too_late(Lab *lab, const void *data)
{
    be_taken_along(lab, VS_AGENT_WOKE_YES, SEC / 3, 2 * SEC, VS_CONFIDENCE_CERTAIN);
}

/* Nobody knows whether its agent was there. */
static void
test_taken_along_asleep(Lab *lab, const void *data)
{
    be_taken_along(lab, VS_AGENT_WOKE_UNKNOWN, SEC / 3, -1, VS_CONFIDENCE_LIKELY);
}

static void
test_taken_along_asleep_told_late(Lab *lab, const void *data)
{
    be_taken_along(lab, VS_AGENT_WOKE_UNKNOWN, SEC / 3, SEC / 5, VS_CONFIDENCE_LIKELY);
}

/* The same answer while its system was up: an older libvirt has it for what the agent refused. */
static void
test_refused_before(Lab *lab, const void *data)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_pass(lab, SEC / 3);
    tell_cut(lab, call, SEC / 3, VS_AGENT_WOKE_YES);
    lab_pass(lab, SEC / 5);
    tell_down(lab, SEC / 10);
    lab_be_reaped(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* libvirt waited for it so long, and more, in vain: it was never sent the request. */
static void
tell_asleep(Lab *lab, uint64_t call, int64_t took)
{
    VsEvent event = {.type = VS_EVENT_REPLY, .domain = &lab->guest.domain};

    event.reply.call = call;
    event.reply.code = VS_LIBVIRT_AGENT_UNRESPONSIVE;
    event.reply.message = "Guest agent is not responding: Guest agent not available for now";
    event.reply.took = took;
    event.reply.woke = VS_AGENT_WOKE_NO;
    lab_step(lab, &event, NULL);
}

/* So what brings the guest down then is its button alone. */
static void
be_asleep(Lab *lab, int64_t took)
{
    uint64_t call;

    run_watched(lab);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:30s power-button:30s leave");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, took);
    tell_asleep(lab, call, took);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 2 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

static void
test_asleep(Lab *lab, const void *data)
{
    be_asleep(lab, 5 * SEC);
}

static void
test_asleep_busy(Lab *lab, const void *data)
{
    be_asleep(lab, 7 * SEC);
}

/* That is told only as its system is down, for it was pressed meanwhile. */
static void
test_asleep_told_late(Lab *lab, const void *data)
{
    uint64_t call;

    run_watched(lab);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:2s power-button:30s leave");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab->agent_hangs = true;
    lab_pass(lab, 2 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
    lab_go_down(lab);
    tell_asleep(lab, call, 3 * SEC);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    lab_be_reaped(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* Its system went down as libvirt tried to wake its agent. */
static void
test_asleep_and_down(Lab *lab, const void *data)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_pass(lab, SEC);
    lab_agent(lab, VS_AGENT_DISCONNECTED);
    tell_asleep(lab, call, SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* It had heard what it was asked before, and sleeps as it is asked again. */
static void
test_asleep_again(Lab *lab, const void *data)
{
    uint64_t call;

    run_watched(lab);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:4s agent:60s leave");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 2 * SEC);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_COMMAND_TIMEOUT, SEC);
    lab_pass(lab, 2 * SEC);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, SEC);
    tell_asleep(lab, call, SEC / 10); /* its port may have been closed just now */
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* Its agent refused, and it is pressed then, which brings it down: its port is closed for that. */
static void
test_refused_and_pressed(Lab *lab, const void *data)
{
    uint64_t call;

    run_watched(lab);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:30s power-button:30s leave");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, SEC / 3);
    tell_cut(lab, call, SEC / 3, VS_AGENT_WOKE_YES);
    lab_pass(lab, SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
    lab_qmp(lab, "VSERPORT_CHANGE", "{\"open\":false,\"id\":\"channel0\"}");
    tell_down(lab, SEC / 1000);
    lab_be_reaped(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* It was down sooner than any system that is only asked then. */
static void
test_down_already(Lab *lab, const void *data)
{
    uint64_t call;

    ask_agent(lab, &call);
    lab_go_down(lab);
    tell_cut(lab, call, 1000, VS_AGENT_WOKE_YES);
    lab_be_reaped(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* What of that time it stood still it could do nothing: it was down 3 s after it was pressed, not
 * 13. */
static void
test_stood_still(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, SEC);
    lab_lifecycle(lab, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_IOERROR);
    lab_pass(lab, 10 * SEC);
    lab_qmp(lab, "RESUME", NULL);
    lab_lifecycle(lab, VS_LIFECYCLE_RESUMED, 0);
    lab_pass(lab, 2 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* It was pressed as it slept: only what it slept since counts. */
static void
test_slept_before(Lab *lab, const void *data)
{
    run_watched(lab);
    lab_lifecycle(lab, VS_LIFECYCLE_PMSUSPENDED, 0);
    lab_pass(lab, 60 * SEC);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 2 * SEC);
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, VS_STARTED_WAKEUP);
    lab_pass(lab, 11 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

static void
set_up(Lab *lab, const void *data)
{
    lab_set_up(lab, NULL);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/heard/late-word", test_late_word);
    lab_add("/engine/heard/press-told-late", test_press_told_late);
    lab_add("/engine/heard/other-clock", test_other_clock);
    lab_add("/engine/heard/press-before-ours", test_press_before_ours);
    lab_add("/engine/heard/others-press-stands", test_others_press_stands);
    lab_add("/engine/heard/others-press-stands-again", test_others_press_stands_again);
    lab_add("/engine/heard/first-press-told-late", test_first_press_told_late);
    lab_add("/engine/heard/rebooted-before-press", test_rebooted_before_press);
    lab_add("/engine/heard/unheard-and-killed", test_unheard_and_killed);
    lab_add("/engine/heard/port-was-closed", test_port_was_closed);
    lab_add("/engine/heard/was-down", test_was_down);
    lab_add("/engine/heard/port-closed-behind", test_port_closed_behind);
    lab_add("/engine/heard/reset-told-late", test_reset_told_late);
    lab_add("/engine/heard/reset-since", test_reset_since);
    lab_add("/engine/heard/cut", test_cut);
    lab_add("/engine/heard/cut-long-before", test_cut_long_before);
    lab_add("/engine/heard/taken-along", test_taken_along);
    lab_add("/engine/heard/taken-along-told-late", test_taken_along_told_late);
    lab_add("/engine/heard/taken-along-told-too-late", test_taken_along_told_too_late);
    lab_add("/engine/heard/taken-along-asleep", test_taken_along_asleep);
    lab_add("/engine/heard/taken-along-asleep-told-late", test_taken_along_asleep_told_late);
    lab_add("/engine/heard/refused-before", test_refused_before);
    lab_add("/engine/heard/refused-and-pressed", test_refused_and_pressed);
    lab_add("/engine/heard/down-already", test_down_already);
    lab_add("/engine/heard/asleep", test_asleep);
    lab_add("/engine/heard/asleep-busy", test_asleep_busy);
    lab_add("/engine/heard/asleep-told-late", test_asleep_told_late);
    lab_add("/engine/heard/asleep-and-down", test_asleep_and_down);
    lab_add("/engine/heard/asleep-again", test_asleep_again);
    lab_add("/engine/heard/stood-still", test_stood_still);
    lab_add("/engine/heard/slept-before", test_slept_before);
    g_test_add("/engine/heard/agent-known", Lab, GINT_TO_POINTER(0), set_up, test_agent_not_known,
               lab_tear_down);
    g_test_add("/engine/heard/agent-not-known", Lab, GINT_TO_POINTER(1), set_up,
               test_agent_not_known, lab_tear_down);
    return g_test_run();
}

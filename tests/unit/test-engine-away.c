/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "util/span.h"
#include "vs-test.h"

/* libvirt is away, or hangs, in the middle of a stop: nothing harder is done to a guest that could
 * not be asked, and what it was asked before explains what comes of it. */

/* libvirt answers nothing, and its connection stays open. */
static void
hang(Lab *lab)
{
    lab->mute = true;
}

/* The sign of life that it owes. */
static void
wake(Lab *lab)
{
    lab->mute = false;
    g_assert_cmpint(lab->last_question, ==, VS_ACTION_LOOK_UP);
    lab_answer_look_up(lab, lab->last_serial);
}

/* A step's time begins when its press gets through. */
static void
test_hangs(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    hang(lab);
    lab_stop(lab, "power-button:10s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 600 * SEC);
    wake(lab);
    lab_reply_ok(lab, call);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass_quietly(lab, 10 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* ... also where the answer itself is the first that is heard, and before the step's end. */
static void
test_answers_late(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    hang(lab);
    lab_stop(lab, "power-button:10s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, 9 * SEC);
    lab->mute = false;
    lab_reply_ok(lab, call);
    lab_pass_quietly(lab, 10 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* This daemon is stopped, and goes on; what libvirt told meanwhile waits to be read. */
static void
stand_still(Lab *lab, int64_t span)
{
    VsEvent timer = {.type = VS_EVENT_TIMER};

    lab->now.mono += span;
    lab->now.real += span;
    lab_step(lab, &timer, NULL);
}

/* All presses of a step before anything harder, and the time for them. */
static void
test_stands_still(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:6s,press=2,gap=2s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    stand_still(lab, 7 * SEC);
    lab_qmp(lab, "STOP", NULL);
    lab_pass_quietly(lab, SEC / 10 - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 4 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* ... and what was told before what the clock says. */
static void
test_off_while_it_stood_still(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:6s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    stand_still(lab, 60 * SEC);
    lab_go_down(lab);
    lab_expect_no_call(lab);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    lab_pass_quietly(lab, SEC);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* A STOPPED that waits to be read wasn't waited for in vain. */
static void
test_told_while_it_stood_still(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_answer_list(lab, lab->last_serial);
    stand_still(lab, 90 * SEC);
    lab_expect_no_record(lab);
    lab_go_down(lab);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

/* A guest that hangs isn't libvirt's silence: that says so when it is asked. */
static void
test_only_the_guest_hangs(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:10s destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 10 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* It hangs, and then its connection breaks. */
static void
test_hangs_and_breaks(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    hang(lab);
    lab_stop(lab, "power-button:10s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 20 * SEC);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab->mute = false;
    lab_open(lab);
    lab_pass(lab, 3 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 10 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* QEMU told of the press: that the rest is silence gives the guest no more time. */
static void
test_heard_and_hangs(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    hang(lab);
    lab_stop(lab, "power-button:10s destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass_quietly(lab, 20 * SEC);
    wake(lab);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* The press that comes late, for libvirt hung, is ours all the same. */
static void
test_late_press_is_ours(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    hang(lab);
    lab_stop(lab, "power-button:10s leave");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, 30 * SEC);
    wake(lab);
    lab_reply_ok(lab, call);
    lab_qmp(lab, "POWERDOWN", NULL);
    g_assert_true(lab_guest(lab)->run->button.heard == VS_HEARD_YES);
    lab_pass(lab, 61 * SEC);
    lab_power_off(lab); /* long after the stop was over: nobody else had pressed */
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* A paused guest isn't destroyed because libvirt didn't let it run. */
static void
test_resume_hangs(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_pause(lab, true);
    hang(lab);
    lab_stop(lab, "power-button:10s destroy");
    lab_pass(lab, SEC); /* for the reason of the pause */
    call = lab_expect_call(lab, VS_METHOD_RESUME);
    lab_pass_quietly(lab, 600 * SEC);
    lab->guest.state = VS_STATE_RUNNING;
    wake(lab);
    lab_reply_ok(lab, call);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* Presses are as far apart as the ladder says, though the first is made again. */
static void
test_lost_press_keeps_the_gap(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s,press=2,gap=20s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab_pass(lab, 100 * SEC);
    lab_open(lab);
    lab_pass(lab, 3 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 20 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 40 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* What a step was given more while libvirt was away it still has when it begins anew. */
static void
test_extended_while_away(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:10s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_close(lab);
    lab_reply_lost(lab, call);
    g_assert_true(lab_extend(lab, 30 * SEC, NULL));
    lab_pass(lab, 100 * SEC);
    lab_open(lab);
    lab_pass(lab, 3 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 40 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
stop_within(Lab *lab, const char *ladder, int64_t budget)
{
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &lab->guest.domain};

    event.stop.ladder = ladder;
    event.stop.budget = budget;
    g_assert_true(lab_step(lab, &event, NULL));
}

/* The end of a whole budget may destroy who was never asked; the record says so. */
static void
test_budgets_end(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    stop_within(lab, "agent:60s power-button:60s destroy", 60 * SEC);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab_pass_quietly(lab, 100 * SEC);
    lab_open(lab);
    lab_pass(lab, 3 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "agent=not reached, destroy=forced");
}

/* Before that what is left of it is shared out anew. */
static void
test_budget_left(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    stop_within(lab, "power-button:60s destroy", 60 * SEC);
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab_pass(lab, 37 * SEC);
    lab_open(lab);
    lab_pass(lab, 3 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 10 * SEC - 1); /* half of the 20 s that are left */
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* It outlives a restart, and a restart doesn't end it. */
static void
test_budget_restart(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    stop_within(lab, "power-button:60s destroy", 60 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_restart(lab, 100 * SEC);
    lab_connect(lab);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
hold(Lab *lab, uint64_t call)
{
    VsEvent event = {.type = VS_EVENT_CALL_HELD, .domain = &lab->guest.domain};

    event.held.call = call;
    event.held.held = true;
    lab_step(lab, &event, NULL);
}

/* Nobody had got to the press: it explains nothing. */
static void
test_held_and_restart(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    hold(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_restart(lab, 10 * SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_connect(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* Its step was over long before libvirt was back, and not when that went away. */
static void
test_off_in_the_gap(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:6s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 3 * SEC);
    lab_close(lab);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_pass(lab, 100 * SEC);
    lab_open(lab);
    lab_pass(lab, 20 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=clean");
}

/* The same over a restart of the daemon. */
static void
test_off_while_the_daemon_was(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:6s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_restart(lab, 100 * SEC);
    lab_connect(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

/* What had run out of time before the gap, or an earlier one, explains nothing. */
static void
test_over_before_the_gap(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:20s leave");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_close(lab);
    lab_open(lab);
    lab_pass(lab, 3 * SEC); /* it has settled, and the gap isn't over */
    lab_pass(lab, 17 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_TIMED_OUT, NULL);
    lab_close(lab);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_open(lab);
    lab_pass(lab, 20 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* ... but not what has run out while libvirt was asked for a sign of life, which it owed until it
 * went: the guest may have gone down in time, and nobody was told. */
static void
test_over_in_silence(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:20s leave");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 19 * SEC);
    hang(lab);
    lab_pass(lab, 5 * SEC);
    lab_expect_in_flight(lab);
    lab_close(lab);
    lab->mute = false;
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_open(lab);
    lab_pass(lab, 20 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=clean");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/away/hangs", test_hangs);
    lab_add("/engine/away/answers-late", test_answers_late);
    lab_add("/engine/away/stands-still", test_stands_still);
    lab_add("/engine/away/off-while-it-stood-still", test_off_while_it_stood_still);
    lab_add("/engine/away/told-while-it-stood-still", test_told_while_it_stood_still);
    lab_add("/engine/away/only-the-guest-hangs", test_only_the_guest_hangs);
    lab_add("/engine/away/hangs-and-breaks", test_hangs_and_breaks);
    lab_add("/engine/away/heard-and-hangs", test_heard_and_hangs);
    lab_add("/engine/away/late-press-is-ours", test_late_press_is_ours);
    lab_add("/engine/away/resume-hangs", test_resume_hangs);
    lab_add("/engine/away/lost-press-keeps-the-gap", test_lost_press_keeps_the_gap);
    lab_add("/engine/away/extended-while-away", test_extended_while_away);
    lab_add("/engine/away/budgets-end", test_budgets_end);
    lab_add("/engine/away/budget-left", test_budget_left);
    lab_add("/engine/away/budget-restart", test_budget_restart);
    lab_add("/engine/away/held-and-restart", test_held_and_restart);
    lab_add("/engine/away/off-in-the-gap", test_off_in_the_gap);
    lab_add("/engine/away/off-while-the-daemon-was", test_off_while_the_daemon_was);
    lab_add("/engine/away/over-before-the-gap", test_over_before_the_gap);
    lab_add("/engine/away/over-in-silence", test_over_in_silence);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* A save that doesn't finish in its time. */

#define LADDER "save:20s power-button:20s destroy"

/* Who saves a guest has it paused. */
static uint64_t
begin(Lab *lab)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, LADDER);
    call = lab_expect_call(lab, VS_METHOD_SAVE);
    lab_pause(lab, true);
    lab->guest.reason = VS_PAUSED_TO_SAVE;
    return call;
}

static void
answer_aborted(Lab *lab, uint64_t call)
{
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_FAILED, 0);
    lab_pause(lab, false);
}

static void
expect_rest(Lab *lab, const char *steps)
{
    lab_pass(lab, 3 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, steps);
}

static void
test_cut(Lab *lab, const void *data)
{
    uint64_t call = begin(lab);

    lab_pass_quietly(lab, 19 * SEC);
    lab_pass(lab, 2 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_ABORT_SAVE));
    lab_pass_quietly(lab, 3 * SEC); /* as long as that takes nothing else is done */
    answer_aborted(lab, call);
    expect_rest(lab, "save=deadline, power-button=went down");
}

static void
test_escalated(Lab *lab, const void *data)
{
    uint64_t call = begin(lab);

    g_assert_true(lab_request(lab, VS_EVENT_ESCALATE, NULL));
    lab_expect_call(lab, VS_METHOD_ABORT_SAVE);
    answer_aborted(lab, call);
    expect_rest(lab, "save=escalated, power-button=went down");
}

/* It was quicker than the abort: all of it is there. */
static void
test_saved_after_all(Lab *lab, const void *data)
{
    begin(lab);
    lab_pass(lab, 21 * SEC);
    lab_expect_call(lab, VS_METHOD_ABORT_SAVE);
    lab->guest.domain.id = -1;
    lab->guest.state = VS_STATE_SHUTOFF;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_SAVED);
    lab_expect_record(lab, VS_CAUSE_SAVED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "save=deadline");
}

/* The disk hangs that is written to: the abort comes to nothing. */
static void
test_stuck(Lab *lab, const void *data)
{
    begin(lab);
    lab_pass(lab, 21 * SEC);
    lab_expect_call(lab, VS_METHOD_ABORT_SAVE);
    lab_pass(lab, 12 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "save=deadline, power-button=the domain is paused, destroy=forced");
}

static void
test_cancelled(Lab *lab, const void *data)
{
    begin(lab);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_expect_call(lab, VS_METHOD_ABORT_SAVE);
    g_assert_cmpint(lab->outcome, ==, VS_OUTCOME_CANCELLED);
}

/* What a daemon before us began goes on in libvirt, which makes no other one beside it. */
static void
test_restart(Lab *lab, const void *data)
{
    begin(lab);
    lab_restart(lab, 1 * SEC);
    lab_open(lab);
    lab_pass(lab, 6 * SEC);
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_SAVE), VS_LIBVIRT_OPERATION_TIMEOUT, 0);
    lab_pass_quietly(lab, 12 * SEC);
    lab_pass(lab, 9 * SEC);
    lab_expect_call(lab, VS_METHOD_ABORT_SAVE);
    lab_pause(lab, false);
    lab_pass(lab, 8 * SEC);
    expect_rest(lab, "save=deadline, power-button=went down");
}

/* ... and so does what it had cut off in vain. */
static void
test_restart_when_cut(Lab *lab, const void *data)
{
    begin(lab);
    lab_pass(lab, 21 * SEC);
    lab_expect_call(lab, VS_METHOD_ABORT_SAVE);
    lab_restart(lab, 1 * SEC);
    lab_open(lab);
    lab_pass(lab, 6 * SEC);
    lab_expect_call(lab, VS_METHOD_ABORT_SAVE);
    lab_pause(lab, false);
    lab_pass(lab, 8 * SEC);
    expect_rest(lab, "save=deadline, power-button=went down");
}

/* While libvirt is away there is nobody to abort it, and one that comes anew knows of no save. */
static void
test_cancelled_away(Lab *lab, const void *data)
{
    begin(lab);
    lab_close(lab);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_expect_no_call(lab);
    lab_expect_finished(lab, VS_OUTCOME_CANCELLED, "save=cancelled");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/save/cut", test_cut);
    lab_add("/engine/save/escalated", test_escalated);
    lab_add("/engine/save/saved-after-all", test_saved_after_all);
    lab_add("/engine/save/stuck", test_stuck);
    lab_add("/engine/save/cancelled", test_cancelled);
    lab_add("/engine/save/cancelled-away", test_cancelled_away);
    lab_add("/engine/save/restart", test_restart);
    lab_add("/engine/save/restart-when-cut", test_restart_when_cut);
    return g_test_run();
}

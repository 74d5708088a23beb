/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* libvirt's comings and goings, and what is found when it is back. */

static void
test_looks_again(Lab *lab, const void *data)
{
    static const int64_t after[] = {1, 3, 8, 15};
    int64_t opened = lab->now.mono;

    lab_open(lab);
    for (size_t i = 0; i < G_N_ELEMENTS(after); i++) {
        g_assert_cmpint(vs_engine_next_timer(lab->engine), ==, opened + after[i] * SEC);
        lab_pass(lab, opened + after[i] * SEC - lab->now.mono);
    }
    g_assert_cmpint(vs_engine_next_timer(lab->engine), ==, INT64_MAX);
}

static void
test_isnt_there(Lab *lab, const void *data)
{
    lab_close(lab);
    lab_expect_note(lab, "libvirt at " LAB_URI " isn't there: killed");
    lab_pass_quietly(lab, 3600 * SEC);
}

static void
test_restart_costs_no_guest(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_close(lab);
    lab_expect_note(lab, "libvirt at " LAB_URI " went away: killed");
    lab_pass_quietly(lab, 100 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 100 * SEC);
    lab_expect_no_record(lab);
}

/* The call that was lost is made again, but not before things have settled; then its step begins
 * anew. */
static void
test_lost_call(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 10 * SEC);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab_pass_quietly(lab, 10 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* The connection alone was lost: the button was pressed, and isn't pressed again. */
static void
test_answered_call(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 50 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* The deadline went by while nothing could be seen: nothing is destroyed before it is known how the
 * guest is, and a step of its own is not skipped. */
static void
test_deadline_while_away(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_close(lab);
    lab_pass_quietly(lab, 600 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 120 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* Between two steps of the same kind, while nothing may be done yet, the guest seems to go down,
 * and doesn't: the second step has all its time. */
static void
test_reset_between_steps(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:1min power-button:2min destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_close(lab);
    lab_open(lab);
    lab_reply_error(lab, call, VS_LIBVIRT_ARGUMENT_UNSUPPORTED, 0);
    lab_go_down(lab);
    lab_reset(lab);
    lab_pass(lab, 3 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 120 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* libvirtd finds out late that a guest is gone. */
static void
test_gone_after_a_while(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    lab_reply_lost(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_close(lab);
    lab_pass(lab, 30 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 2 * SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_DESTROYED);
    lab_pass_quietly(lab, SEC);
    lab_expect_no_record(lab); /* what it tells of that may still come */
    lab_pass_quietly(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "destroy=forced");
}

static void
test_lost_destroy(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    call = lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab_pass(lab, 5 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* A guest that nobody could ask isn't destroyed for it. */
static void
test_lost_resume(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_RESUME);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab_pass(lab, 30 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_RESUME);
    lab_pause(lab, false);
    lab_expect_call(lab, VS_METHOD_AGENT);
}

/* It was going down for the agent, and came back while nobody looked: 45 s later it isn't destroyed
 * for a process that stays. */
static void
test_reset_is_missed(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:5min destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_go_down(lab);
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab->guest.state = VS_STATE_RUNNING;
    lab_open(lab);
    lab_pass(lab, 20 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass_quietly(lab, 270 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_going_down_across_a_break(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:5min destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_go_down(lab);
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab_open(lab);
    lab_pass_quietly(lab, SEC);
    lab_be_reaped(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_GUEST_AGENT);
}

/* The request may have been forgotten by a reboot that nobody saw. */
static void
test_request_across_a_break(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_close(lab);
    lab_pass(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 10 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

static void
test_transient(Lab *lab, const void *data)
{
    lab->guest.persistent = false;
    lab_run_guest(lab);
    lab_power_off(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_cmpuint(lab->n_removed, ==, 1);
    g_assert_null(lab_guest(lab));
}

static void
test_transient_gone_unseen(Lab *lab, const void *data)
{
    lab->guest.persistent = false;
    lab_run_guest(lab);
    lab_close(lab);
    lab_be_gone(lab, VS_STATE_GONE, 0);
    lab_open(lab);
    lab_expect_record(lab, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    g_assert_null(lab_guest(lab));
}

static void
test_defined_and_undefined(Lab *lab, const void *data)
{
    lab->guest.state = VS_STATE_GONE;
    lab_connect(lab);
    g_assert_null(lab_guest(lab));
    lab->guest.state = VS_STATE_SHUTOFF;
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 0);
    g_assert_nonnull(lab_guest(lab));
    lab->guest.state = VS_STATE_GONE;
    lab_lifecycle(lab, VS_LIFECYCLE_UNDEFINED, 0);
    g_assert_null(lab_guest(lab));
    lab_expect_no_record(lab);
}

static void
test_renamed(Lab *lab, const void *data)
{
    lab_connect(lab);
    g_free(lab->guest.domain.name);
    lab->guest.domain.name = g_strdup("web2");
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 2);
    g_assert_cmpstr(lab_guest(lab)->domain.name, ==, "web2");
}

/* A domain that was never heard of runs, or there would be no event. */
static void
test_stranger(Lab *lab, const void *data)
{
    lab->guest.state = VS_STATE_GONE;
    lab_connect(lab);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 3;
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/libvirt/looks-again", test_looks_again);
    lab_add("/engine/libvirt/isnt-there", test_isnt_there);
    lab_add("/engine/libvirt/restart-costs-no-guest", test_restart_costs_no_guest);
    lab_add("/engine/libvirt/lost-call", test_lost_call);
    lab_add("/engine/libvirt/answered-call", test_answered_call);
    lab_add("/engine/libvirt/deadline-while-away", test_deadline_while_away);
    lab_add("/engine/libvirt/reset-between-steps", test_reset_between_steps);
    lab_add("/engine/libvirt/gone-after-a-while", test_gone_after_a_while);
    lab_add("/engine/libvirt/lost-destroy", test_lost_destroy);
    lab_add("/engine/libvirt/lost-resume", test_lost_resume);
    lab_add("/engine/libvirt/reset-is-missed", test_reset_is_missed);
    lab_add("/engine/libvirt/going-down-across-a-break", test_going_down_across_a_break);
    lab_add("/engine/libvirt/request-across-a-break", test_request_across_a_break);
    lab_add("/engine/libvirt/transient", test_transient);
    lab_add("/engine/libvirt/transient-gone-unseen", test_transient_gone_unseen);
    lab_add("/engine/libvirt/defined-and-undefined", test_defined_and_undefined);
    lab_add("/engine/libvirt/renamed", test_renamed);
    lab_add("/engine/libvirt/stranger", test_stranger);
    return g_test_run();
}

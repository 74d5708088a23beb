/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

#include <string.h>

/* Programs that are told of a stop, and what waits for them. */

#define LADDER "power-button:20s destroy"

static void
begin(Lab *lab)
{
    vs_engine_set_hooks(lab->engine, true);
    lab_run_guest(lab);
    lab_stop(lab, LADDER);
}

static void
expect_clean(Lab *lab)
{
    lab_expect_hook(lab, VS_HOOK_STEP);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
    lab_expect_hook(lab, VS_HOOK_STOPPED);
    lab_expect_no_hook(lab);
}

static void
check_evidence(Lab *lab, const char *part, bool expected)
{
    const char *text = json_object_to_json_string(lab_last_record(lab)->evidence);

    g_assert_cmpint(strstr(text, part) != NULL, ==, expected);
}

static void
test_answered(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    lab_pass_quietly(lab, 5 * SEC);
    lab_answer_hook(lab, VS_HOOK_STOP_REQUESTED, NULL);
    expect_clean(lab);
    check_evidence(lab, "\"hook\"", false);
}

static void
test_failed(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    lab_answer_hook(lab, VS_HOOK_STOP_REQUESTED, "exit status 3");
    expect_clean(lab);
    check_evidence(lab, "exit status 3", true);
    check_evidence(lab, "10-hook", true);
}

static void
test_not_answered(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    lab_pass_quietly(lab, 10 * SEC);
    lab_pass(lab, 2 * SEC);
    expect_clean(lab);
    check_evidence(lab, "not waited for", true);
}

/* Nothing waits where there are none, or where they have no time. */
static void
test_none(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, LADDER);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_expect_no_hook(lab);
}

static void
test_no_time(Lab *lab, const void *data)
{
    lab->policy.hook_timeout = 0;
    vs_engine_set_policy(lab->engine, &lab->policy);
    begin(lab);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_expect_no_hook(lab);
}

/* No step waits but the first. */
static void
test_forced(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    lab_answer_hook(lab, VS_HOOK_STOP_REQUESTED, NULL);
    lab_expect_hook(lab, VS_HOOK_STEP);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_answer_hook(lab, VS_HOOK_STEP, "exit status 1");
    lab_pass(lab, 21 * SEC);
    lab_expect_hook(lab, VS_HOOK_STEP);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "power-button=deadline, destroy=forced");
    lab_expect_hook(lab, VS_HOOK_FORCED);
    lab_expect_hook(lab, VS_HOOK_STOPPED);
    lab_expect_no_hook(lab);
    check_evidence(lab, "exit status 1", true);
}

/* Somebody else destroyed it. */
static void
test_not_by_us(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_hook(lab, VS_HOOK_STOPPED);
    lab_expect_no_hook(lab);
    lab_answer_hook(lab, VS_HOOK_STOP_REQUESTED, "exit status 1"); /* too late for anything */
}

static void
test_unasked(Lab *lab, const void *data)
{
    vs_engine_set_hooks(lab->engine, true);
    lab_run_guest(lab);
    lab_power_off(lab);
    lab_expect_hook(lab, VS_HOOK_STOPPED);
    lab_expect_no_hook(lab);
}

static void
test_escalated(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    g_assert_true(lab_request(lab, VS_EVENT_ESCALATE, NULL));
    expect_clean(lab);
}

static void
test_cancelled(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    g_assert_cmpint(lab->outcome, ==, VS_OUTCOME_CANCELLED);
    lab_answer_hook(lab, VS_HOOK_STOP_REQUESTED, NULL);
    lab_pass_quietly(lab, 60 * SEC);
}

static void
test_not_extended(Lab *lab, const void *data)
{
    g_autoptr(GError) error = NULL;

    begin(lab);
    g_assert_false(lab_extend(lab, 10 * SEC, &error));
    g_assert_nonnull(strstr(error->message, "Hooks still run"));
}

static void
restart(Lab *lab)
{
    lab_restart(lab, 1 * SEC);
    vs_engine_set_hooks(lab->engine, true);
    lab_open(lab);
    lab_pass(lab, 5 * SEC);
}

/* Whether they were done isn't known, and they don't run again. */
static void
test_restart_while_they_run(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    restart(lab);
    lab_expect_hook(lab, VS_HOOK_STEP);
    lab_expect_no_hook(lab);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

static void
test_restart_behind_them(Lab *lab, const void *data)
{
    begin(lab);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
    lab_answer_hook(lab, VS_HOOK_STOP_REQUESTED, NULL);
    lab_expect_hook(lab, VS_HOOK_STEP);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    restart(lab);
    lab_expect_no_hook(lab);
}

/* A disk that hangs holds them up for as long as it would a call. */
static void
test_disk_hangs(Lab *lab, const void *data)
{
    vs_engine_set_hooks(lab->engine, true);
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, LADDER);
    lab_pass_quietly(lab, 1 * SEC);
    lab_expect_no_hook(lab);
    lab_pass(lab, 2 * SEC);
    lab_expect_hook(lab, VS_HOOK_STOP_REQUESTED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    lab_add("/hooks/answered", test_answered);
    lab_add("/hooks/failed", test_failed);
    lab_add("/hooks/not-answered", test_not_answered);
    lab_add("/hooks/none", test_none);
    lab_add("/hooks/no-time", test_no_time);
    lab_add("/hooks/forced", test_forced);
    lab_add("/hooks/not-by-us", test_not_by_us);
    lab_add("/hooks/unasked", test_unasked);
    lab_add("/hooks/escalated", test_escalated);
    lab_add("/hooks/cancelled", test_cancelled);
    lab_add("/hooks/not-extended", test_not_extended);
    lab_add("/hooks/restart-while-they-run", test_restart_while_they_run);
    lab_add("/hooks/restart-behind-them", test_restart_behind_them);
    lab_add("/hooks/disk-hangs", test_disk_hangs);
    return g_test_run();
}

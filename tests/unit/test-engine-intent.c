/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine-lab.h"
#include "util/json.h"
#include "vs-test.h"

/* What has to be on disk before an act, with a disk that is slow, full or hangs. */

#define MSEC (SEC / 1000)

/* The disk answers for all that it was given. */
static void
answer(Lab *lab)
{
    VsDomainId domain = lab_guest(lab)->domain;
    VsEvent written = {.type = VS_EVENT_WRITTEN, .domain = &domain};

    lab->disk_hangs = false;
    written.written.serial = lab_guest(lab)->kept.asked;
    lab_step(lab, &written, NULL);
}

/* How many acts of the last record could not be noted before. */
static unsigned
count_unkept(Lab *lab)
{
    json_object *evidence = lab_last_record(lab)->evidence;
    unsigned n = 0;

    for (size_t i = 0; i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);

        n += g_str_equal(vs_json_string(item, "source", ""), "intent");
    }
    return n;
}

static void
test_hangs(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:10s destroy");
    lab_pass_quietly(lab, 1900 * MSEC);
    lab_pass(lab, 200 * MSEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_expect_note(lab, "could not be noted before");
    /* Its time began with the press; and what hangs is waited for once. */
    lab_pass_quietly(lab, 9800 * MSEC);
    lab_pass(lab, 200 * MSEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_expect_in_flight(lab);
    lab_pass(lab, 11 * SEC);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "power-button=deadline, destroy=forced");
    g_assert_cmpuint(count_unkept(lab), ==, 2);
}

static void
test_slow(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:10s destroy");
    lab_pass_quietly(lab, SEC);
    answer(lab);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 9900 * MSEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
    g_assert_cmpuint(count_unkept(lab), ==, 0);
}

/* QEMU tells of the press when it is made. One that was called off explains nothing long after. */
static void
test_press_is_ours(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:10s destroy");
    lab_pass(lab, 2 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_qmp(lab, "POWERDOWN", NULL);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_pass(lab, 120 * SEC);
    lab_power_off(lab);
    lab_pass(lab, 5 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* It is asked after it has rebooted. */
static void
test_reboots_meanwhile(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:10s destroy");
    lab_pass_quietly(lab, SEC);
    lab_reset(lab);
    lab_pass(lab, SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_pass(lab, 5 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* The call that was lost may have reached it, though it isn't made again any more. */
static void
test_lost_and_goes_off(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:60s destroy"); /* of a press QEMU would tell */
    lab_reply_lost(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab->disk_hangs = true;
    lab_pass_quietly(lab, 2 * SEC);
    lab_power_off(lab);
    lab_pass(lab, 5 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* ... as long as anything was ever on its way. */
static void
test_held_and_lost(Lab *lab, const void *data)
{
    VsEvent held = {.type = VS_EVENT_CALL_HELD, .domain = &lab->guest.domain, .held.held = true};

    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    held.held.call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_step(lab, &held, NULL);
    lab_reply_lost(lab, held.held.call);
    lab->disk_hangs = true;
    lab_pass_quietly(lab, 2 * SEC);
    lab_power_off(lab);
    lab_pass(lab, 5 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* What is kept of guests goes to another disk than the host stops: that one answers says nothing of
 * the other, which is waited for once. */
static void
test_host_stops_hang(Lab *lab, const void *data)
{
    VsEvent stop_all = {.type = VS_EVENT_STOP_ALL};

    lab_run_guest(lab);
    lab->host_stops_hang = true;
    stop_all.stop_all.ladder = "power-button:10s destroy";
    g_assert_true(lab_step(lab, &stop_all, NULL));
    lab_pass_quietly(lab, 1900 * MSEC);
    lab_pass(lab, 200 * MSEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 9800 * MSEC); /* nobody has limited it: its time begins with the call */
    lab_pass(lab, 200 * MSEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_full(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_fails = "No space left on device";
    lab_stop(lab, "power-button:10s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    g_assert_cmpstr(lab_guest(lab)->stop->unkept, ==, "No space left on device");
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
    g_assert_cmpuint(count_unkept(lab), ==, 1);
}

/* However short its time is: nobody is destroyed who was not asked. */
static void
test_short_step(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:1s destroy");
    lab_pass(lab, 2 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 900 * MSEC);
    lab_pass(lab, 200 * MSEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* What was not asked yet explains nothing. */
static void
test_goes_off_meanwhile(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:10s destroy");
    lab_pass_quietly(lab, SEC);
    lab_power_off(lab);
    lab_pass_quietly(lab, 5 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

static void
test_cancelled_meanwhile(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:10s destroy");
    lab_pass_quietly(lab, SEC);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_pass_quietly(lab, 60 * SEC);
    lab_power_off(lab);
    lab_pass(lab, 5 * SEC);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* What was written is done by the next daemon. */
static void
test_restarted_meanwhile(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_stop(lab, "power-button:10min destroy");
    lab_pass_quietly(lab, SEC);
    lab->disk_hangs = false;
    lab_restart(lab, SEC);
    lab_connect(lab);
    lab_pass(lab, 2 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* It runs anew before the record of the run before is on disk: that run is over all the same. */
static void
test_starts_anew_meanwhile(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->disk_hangs = true;
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    lab_boot(lab);
    lab_power_off(lab);
    g_assert_cmpuint(lab->records->len, ==, 2);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/intent/hangs", test_hangs);
    lab_add("/engine/intent/slow", test_slow);
    lab_add("/engine/intent/press-is-ours", test_press_is_ours);
    lab_add("/engine/intent/reboots-meanwhile", test_reboots_meanwhile);
    lab_add("/engine/intent/lost-and-goes-off", test_lost_and_goes_off);
    lab_add("/engine/intent/held-and-lost", test_held_and_lost);
    lab_add("/engine/intent/host-stops-hang", test_host_stops_hang);
    lab_add("/engine/intent/full", test_full);
    lab_add("/engine/intent/short-step", test_short_step);
    lab_add("/engine/intent/goes-off-meanwhile", test_goes_off_meanwhile);
    lab_add("/engine/intent/cancelled-meanwhile", test_cancelled_meanwhile);
    lab_add("/engine/intent/restarted-meanwhile", test_restarted_meanwhile);
    lab_add("/engine/intent/starts-anew-meanwhile", test_starts_anew_meanwhile);
    return g_test_run();
}

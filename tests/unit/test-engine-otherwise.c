/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* What becomes of a guest that is being stopped, other than that it goes down and is gone: somebody
 * else saves or moves it, libvirt takes long to clean up, keeps its process, or begins it anew. */

#define BUTTON       "power-button:120s destroy"
#define GUEST_OFF    "{\"guest\":true,\"reason\":\"guest-shutdown\"}"
#define GUEST_RESET  "{\"guest\":true,\"reason\":\"guest-reset\"}"
#define LIBVIRTS_OWN "{\"guest\":false,\"reason\":\"host-signal\"}"

static void
run_guest(Lab *lab)
{
    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
}

static void
press(Lab *lab, const char *ladder)
{
    run_guest(lab);
    lab_stop(lab, ladder);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
}

static void
end(Lab *lab, int detail)
{
    lab->guest.state = VS_STATE_SHUTOFF;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, detail);
}

/* Somebody else. */

static void
test_saved(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    end(lab, VS_STOPPED_SAVED);
    lab_expect_record(lab, VS_CAUSE_SAVED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=saved");
}

/* It runs on elsewhere. */
static void
test_migrated(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    end(lab, VS_STOPPED_MIGRATED);
    lab_expect_record(lab, VS_CAUSE_MIGRATED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FAILED, "power-button=migrated");
}

/* ... here, in the snapshot. */
static void
test_reverted_and_runs(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    end(lab, VS_STOPPED_FROM_SNAPSHOT);
    lab_pass(lab, 2 * SEC);
    lab_expect_no_record(lab);
    lab_boot(lab);
    lab_expect_record(lab, VS_CAUSE_SNAPSHOT_REVERTED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FAILED, "power-button=snapshot-reverted");
}

static void
test_reverted_and_off(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    end(lab, VS_STOPPED_FROM_SNAPSHOT);
    lab_expect_no_record(lab);
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 3);
    lab_expect_record(lab, VS_CAUSE_SNAPSHOT_REVERTED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_UNKNOWN, "power-button=snapshot-reverted");
}

/* libvirt's clean-up. */

/* QEMU said that it was sent libvirt's signal: nothing is asked, and nothing more is done. */
static void
test_cleaned_up(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_go_down(lab);
    lab_qmp(lab, "SHUTDOWN", LIBVIRTS_OWN);
    lab->mute = true;
    lab->last_serial = 0;
    lab_pass_quietly(lab, 125 * SEC);
    g_assert_cmpuint(lab->last_serial, ==, 0);
    lab_expect_note(lab, "libvirt still cleans up after it");
    lab_expect_in_flight(lab);
    lab->mute = false;
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* It didn't, and libvirt answers no question about the guest: it isn't destroyed on that. */
static void
test_cleaned_up_silently(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_go_down(lab);
    lab->mute = true;
    lab_pass_quietly(lab, 300 * SEC);
    lab->mute = false;
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* A restart of virtstopd in between. */
static void
test_cleaned_up_taken_over(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_go_down(lab);
    lab_qmp(lab, "SHUTDOWN", LIBVIRTS_OWN);
    lab_pass_quietly(lab, 60 * SEC);
    lab_restart(lab, SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 60 * SEC);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* Its process is there still, as libvirt says; and the destroy isn't answered. */
static void
test_destroy_waits(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_go_down(lab);
    lab_pass(lab, 45 * SEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_pass_quietly(lab, 300 * SEC);
    lab_expect_in_flight(lab);
    end(lab, VS_STOPPED_SHUTDOWN);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down, destroy=clean");
}

/* A backup keeps the process of a guest that has powered off (libvirt 11.10). */

static void
go_down_in_backup(Lab *lab)
{
    lab->guest.state = VS_STATE_PAUSED;
    lab_qmp(lab, "SHUTDOWN", GUEST_OFF);
    lab_qmp(lab, "STOP", NULL);
    lab_lifecycle(lab, VS_LIFECYCLE_SUSPENDED, VS_SUSPENDED_GUEST_SHUTDOWN);
}

static void
test_kept(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    go_down_in_backup(lab);
    lab_pass_quietly(lab, 3600 * SEC);
    lab_expect_in_flight(lab);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* It went off before it was to be stopped: it is in shutdown, not paused, and never resumed. */
static void
test_kept_before(Lab *lab, const void *data)
{
    run_guest(lab);
    go_down_in_backup(lab);
    g_assert_cmpint(lab_guest(lab)->state, ==, VS_STATE_SHUTDOWN);
    lab_close(lab);
    lab_pass(lab, SEC);
    lab_open(lab);
    lab_pass(lab, 20 * SEC);
    g_assert_cmpint(lab_guest(lab)->state, ==, VS_STATE_SHUTDOWN);
    lab_stop(lab, BUTTON);
    lab_pass_quietly(lab, 600 * SEC);
    lab_expect_in_flight(lab);
    lab_be_reaped(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "");
}

/* ... also by a daemon that comes after. */
static void
test_kept_taken_over(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    go_down_in_backup(lab);
    lab_restart(lab, SEC);
    lab_open(lab);
    lab_pass_quietly(lab, 600 * SEC);
    lab_expect_in_flight(lab);
}

/* The budget ends it: its system was down. */
static void
test_kept_until_budget(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &lab->guest.domain};

    run_guest(lab);
    event.stop.ladder = BUTTON;
    event.stop.budget = 100 * SEC;
    lab_step(lab, &event, NULL);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    go_down_in_backup(lab);
    lab_pass_quietly(lab, 100 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down, destroy=clean");
}

/* ... and one whose process hangs as it ends. */
static void
test_hangs_until_budget(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &lab->guest.domain};

    run_guest(lab);
    event.stop.ladder = BUTTON;
    event.stop.budget = 30 * SEC;
    lab_step(lab, &event, NULL);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, 5 * SEC);
    lab_go_down(lab);
    lab_pass_quietly(lab, 25 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down, destroy=clean");
}

/* A reboot for which libvirt 11.6 makes another process. */

static void
recreate(Lab *lab)
{
    lab_qmp(lab, "SHUTDOWN", GUEST_RESET);
    end(lab, VS_STOPPED_RECREATED);
    lab_boot(lab);
}

static void
test_recreated(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    recreate(lab);
    lab_expect_no_record(lab);
    lab_expect_in_flight(lab);
    lab_pass_quietly(lab, 5 * SEC - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=rebooted, power-button=went down");
}

static void
test_recreated_unasked(Lab *lab, const void *data)
{
    run_guest(lab);
    recreate(lab);
    lab_pass(lab, 60 * SEC);
    lab_expect_no_record(lab);
    g_assert_cmpint(lab_guest(lab)->domain.id, ==, lab->guest.domain.id);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* A look-up in between finds no process. */
static void
test_recreated_slowly(Lab *lab, const void *data)
{
    press(lab, BUTTON);
    lab_qmp(lab, "SHUTDOWN", GUEST_RESET);
    end(lab, VS_STOPPED_RECREATED);
    lab_pass(lab, 2 * SEC);
    lab_boot(lab);
    lab_expect_no_record(lab);
    lab_pass(lab, 3 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* What is known of the process before is nothing about the new one, be STARTED missed or not. */
static void
test_recreated_unseen(Lab *lab, const void *data)
{
    VsEvent ended = {.type = VS_EVENT_PROCESS, .process.end.fate = VS_FATE_EXITED};
    VsDomainId before;

    run_guest(lab);
    vs_domain_id_copy(&before, &lab->guest.domain);
    lab_qmp(lab, "SHUTDOWN", GUEST_RESET);
    end(lab, VS_STOPPED_RECREATED);
    ended.domain = &before;
    lab_step(lab, &ended, NULL);
    vs_domain_id_clear(&before);
    g_assert_cmpint(lab_guest(lab)->run->watch, ==, VS_PROCESS_ENDED);
    lab->guest.domain.id++;
    lab->guest.state = VS_STATE_RUNNING;
    lab_restart(lab, SEC);
    lab_connect(lab);
    lab_expect_no_record(lab);
    g_assert_cmpint(lab_guest(lab)->run->watch, ==, VS_PROCESS_ASKED_FOR);
}

/* A panic that it lives through (on_crash=preserve-running, libvirt 12.6). */

static void
panic_and_live(Lab *lab, const char *details)
{
    run_guest(lab);
    lab_qmp(lab, "GUEST_PANICKED", details);
    lab_lifecycle(lab, VS_LIFECYCLE_CRASHED, VS_CRASHED_PANICKED);
    g_assert_cmpint(lab_guest(lab)->state, ==, VS_STATE_RUNNING);
    lab_pass(lab, 3600 * SEC);
    lab_go_down(lab);
    lab_pass(lab, SEC);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(lab_last_record(lab)->took, ==, SEC);
}

static void
test_panic_and_live(Lab *lab, const void *data)
{
    panic_and_live(lab, "{\"action\":\"run\"}");
}

static void
test_panic_and_live_untold(Lab *lab, const void *data)
{
    panic_and_live(lab, NULL);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/otherwise/saved", test_saved);
    lab_add("/engine/otherwise/migrated", test_migrated);
    lab_add("/engine/otherwise/reverted-and-runs", test_reverted_and_runs);
    lab_add("/engine/otherwise/reverted-and-off", test_reverted_and_off);
    lab_add("/engine/otherwise/cleaned-up", test_cleaned_up);
    lab_add("/engine/otherwise/cleaned-up-silently", test_cleaned_up_silently);
    lab_add("/engine/otherwise/cleaned-up-taken-over", test_cleaned_up_taken_over);
    lab_add("/engine/otherwise/destroy-waits", test_destroy_waits);
    lab_add("/engine/otherwise/kept", test_kept);
    lab_add("/engine/otherwise/kept-before", test_kept_before);
    lab_add("/engine/otherwise/kept-taken-over", test_kept_taken_over);
    lab_add("/engine/otherwise/kept-until-budget", test_kept_until_budget);
    lab_add("/engine/otherwise/hangs-until-budget", test_hangs_until_budget);
    lab_add("/engine/otherwise/recreated", test_recreated);
    lab_add("/engine/otherwise/recreated-unasked", test_recreated_unasked);
    lab_add("/engine/otherwise/recreated-slowly", test_recreated_slowly);
    lab_add("/engine/otherwise/recreated-unseen", test_recreated_unseen);
    lab_add("/engine/otherwise/panic-and-live", test_panic_and_live);
    lab_add("/engine/otherwise/panic-and-live-untold", test_panic_and_live_untold);
    return g_test_run();
}

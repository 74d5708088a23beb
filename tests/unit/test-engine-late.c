/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "util/json.h"
#include "vs-test.h"

/* Lists and look-ups that are quicker than the events, and pauses that are no reboots. */

static const char *
outcome(Lab *lab)
{
    return vs_json_string(lab_last_record(lab)->request, "outcome", NULL);
}

/* A list finds the guest gone, and 3 s later libvirt tells how it went. */
static void
test_list_first(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_answer_list(lab, lab->last_serial);
    lab_pass_quietly(lab, 3 * SEC);
    lab_expect_no_record(lab);
    lab_go_down(lab);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpstr(outcome(lab), ==, "clean");
    lab_pass(lab, 60 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
}

/* Another guest's life goes on, as libvirt tells. */
static void
tell_of_another(Lab *lab)
{
    VsDomainId domain = {.uri = (char *)LAB_URI, .name = (char *)"another", .id = 9};
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &domain};

    g_strlcpy(domain.uuid.text, LAB_OTHER, sizeof domain.uuid.text);
    event.lifecycle.type = VS_LIFECYCLE_SUSPENDED;
    lab_step(lab, &event, NULL);
}

/* As long as libvirt still tells of others, what it tells of this one may be behind that. */
static void
test_behind_others(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_answer_list(lab, lab->last_serial);
    for (int i = 0; i < 5; i++) {
        lab_pass_quietly(lab, 9 * SEC);
        tell_of_another(lab);
    }
    lab_expect_no_record(lab);
    lab_go_down(lab);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* ... but not for ever. */
static void
test_behind_others_for_ever(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    lab_stop(lab, "power-button:60s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_answer_list(lab, lab->last_serial);
    for (int i = 0; i < 59; i++) {
        lab_pass_quietly(lab, SEC);
        tell_of_another(lab);
    }
    lab_expect_no_record(lab);
    lab_pass_quietly(lab, SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY); /* as it stood then */
}

/* Nothing is told: what was found has to do, and nobody cut it off as far as is known. */
static void
test_never_told(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    lab_stop(lab, "power-button:60s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_be_gone(lab, VS_STATE_GONE, 0);
    lab_answer_look_up(lab, lab->last_serial);
    lab_pass_quietly(lab, 9 * SEC);
    lab_expect_no_record(lab);
    lab_pass_quietly(lab, 2 * SEC);
    lab_expect_record(lab, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    g_assert_cmpstr(outcome(lab), ==, "unknown");
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN); /* after all: no second one */
    lab_pass(lab, 60 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
}

/* The guest is paused and let run by somebody while it goes down for what it was asked. */
static void
test_pause(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s,press=2,gap=20s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass(lab, SEC);
    lab_qmp(lab, "STOP", NULL);
    lab_pause(lab, true);
    lab_pass(lab, SEC);
    lab_qmp(lab, "RESUME", NULL);
    lab_pause(lab, false);
    lab_pass_quietly(lab, 18 * SEC - 1);
    lab_pass(lab, 1);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON)); /* the second, in its time */
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* on_poweroff=restart: SHUTDOWN, then a RESUME: that is a reboot. */
static void
test_resume_after_shutdown(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_go_down(lab);
    lab_qmp(lab, "RESUME", NULL);
    lab_pass(lab, 5 * SEC);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass(lab, 55 * SEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_pass(lab, 20 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "power-button=rebooted, power-button=deadline, destroy=forced");
}

/* A panic that the guest lived through is none of its later end. */
static void
test_lived_through(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_qmp(lab, "GUEST_PANICKED", NULL);
    lab_qmp(lab, "RESUME", NULL);
    lab_pass(lab, 3600 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    g_assert_cmpint(lab_last_record(lab)->took, <, 60 * SEC);
}

/* A save fails, and libvirt lets the guest run again a moment after it has said so. */
static void
test_save_fails(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "save:60s power-button:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_SAVE);
    lab_qmp(lab, "STOP", NULL);
    lab_pause(lab, true);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_FAILED, SEC);
    lab_expect_no_call(lab);
    lab_qmp(lab, "RESUME", NULL);
    lab_pause(lab, false);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* ... and where it stays paused it is let run. */
static void
test_save_fails_paused(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "save:60s power-button:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_SAVE);
    lab_pause(lab, true);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_FAILED, SEC);
    lab_pass_quietly(lab, 2 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_RESUME);
    lab_pause(lab, false);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
}

/* STOPPED names no run. */
static void
tell_stopped(Lab *lab, int detail)
{
    VsDomainId domain = lab->guest.domain;
    VsEvent event = {.type = VS_EVENT_LIFECYCLE, .domain = &domain};

    domain.id = -1;
    event.lifecycle.type = VS_LIFECYCLE_STOPPED;
    event.lifecycle.detail = detail;
    lab_step(lab, &event, NULL);
}

/* It ended as libvirt came back to a new daemon, was found gone, has its record, and was found to
 * run anew: the word of its end, which comes only then, is none about that run. */
static void
test_straggler(Lab *lab, const void *data)
{
    bool transient = g_str_equal(data, "transient");

    lab->guest.persistent = !transient;
    lab_run_guest(lab);
    lab_restart(lab, SEC);
    lab_be_gone(lab, transient ? VS_STATE_GONE : VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_open(lab);
    lab_pass(lab, SEC / 10);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 100;
    lab_pass(lab, 4 * SEC);
    g_assert_nonnull(lab_guest(lab)->run);
    tell_stopped(lab, VS_STOPPED_SHUTDOWN);
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab_pass(lab, 60 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_nonnull(lab_guest(lab)->run);
}

/* The same while the record of the one before is being made; and STARTED, which is of the new one,
 * settles it, whatever libvirt answers later. */
static void
test_straggler_while_recorded(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_restart(lab, SEC);
    lab->guest.domain.id = 100;
    lab->disk_hangs = true;
    lab_open(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab->mute = true;
    lab_qmp(lab, "NIC_RX_FILTER_CHANGED", NULL);
    tell_stopped(lab, VS_STOPPED_SHUTDOWN);
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab_pass(lab, 120 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_nonnull(lab_guest(lab)->run);
}

/* The list that first showed it and the kernel's word for its end were both quicker than STARTED.
 */
static void
test_started_late(Lab *lab, const void *data)
{
    VsEvent ended = {.type = VS_EVENT_PROCESS, .domain = &lab->guest.domain};

    ended.process.end =
        (VsProcessEnd){.fate = VS_FATE_KILLED, .number = VS_SIGKILL, .oom = VS_OOM_NO};
    lab_run_guest(lab);
    lab_step(lab, &ended, NULL);
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab->guest.domain.id = -1;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_FAILED);
    lab_pass(lab, 10 * SEC);
    lab_expect_record(lab, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN);
}

/* It was off as libvirt went, was started with the lowest of ids meanwhile, and libvirt is back,
 * but hasn't listed its guests yet. */
static void
run_unlisted(Lab *lab)
{
    lab_run_guest(lab);
    lab_power_off(lab);
    lab_pass(lab, 120 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab_close(lab);
    lab_pass(lab, 5 * SEC);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab->mute = true;
    lab_open(lab);
}

static void
expect_second_record(Lab *lab, VsCause cause)
{
    tell_stopped(lab, VS_STOPPED_SHUTDOWN);
    lab_pass(lab, 120 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, cause);
    g_assert_cmpint(lab_last_record(lab)->verdict.confidence, ==, VS_CONFIDENCE_LIKELY);
}

/* Its own SHUTDOWN comes before the list; libvirt's signal, and its STOPPED, only behind that. */
static void
test_down_before_list(Lab *lab, const void *data)
{
    uint64_t list;

    run_unlisted(lab);
    list = lab->last_serial;
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_SHUTDOWN;
    lab_answer_list(lab, list);
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-signal\"}");
    expect_second_record(lab, VS_CAUSE_GUEST_INITIATED);
}

/* All that is told of it is that it ended. */
static void
test_stopped_before_list(Lab *lab, const void *data)
{
    run_unlisted(lab);
    expect_second_record(lab, VS_CAUSE_GUEST_INITIATED);
}

/* The list already has it off. */
static void
test_down_behind_list(Lab *lab, const void *data)
{
    run_unlisted(lab);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_SHUTDOWN;
    lab_answer_list(lab, lab->last_serial);
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    expect_second_record(lab, VS_CAUSE_GUEST_INITIATED);
}

/* Of two runs that ended before anything was told of them the STOPPED of the first comes when only
 * the second is known. */
static void
test_stopped_of_the_one_before(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_restart(lab, SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_open(lab);
    lab_pass(lab, SEC / 10);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 100;
    lab_pass(lab, 4 * SEC);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_SAVED;
    lab_pass(lab, 4 * SEC);
    lab->mute = true; /* the log */
    tell_stopped(lab, VS_STOPPED_DESTROYED);
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab->mute = false;
    tell_stopped(lab, VS_STOPPED_SAVED);
    lab_pass(lab, 60 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_SAVED);
}

/* It came, went and came again between two lists, and all that is told only behind the second. */
static void
test_overtaken(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_power_off(lab);
    lab_pass(lab, 120 * SEC);
    lab_close(lab);
    lab_pass(lab, 5 * SEC);
    lab_open(lab);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 5;
    lab_pass(lab, 4 * SEC);
    g_assert_nonnull(lab_guest(lab)->run);
    lab->guest.domain.id = 4;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    tell_stopped(lab, VS_STOPPED_DESTROYED);
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 4);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_DESTROYED);
    g_assert_cmpint(lab_last_record(lab)->verdict.confidence, ==, VS_CONFIDENCE_CERTAIN);
    lab->guest.domain.id = 5;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab_pass(lab, 60 * SEC);
    g_assert_nonnull(lab_guest(lab)->run);
    tell_stopped(lab, VS_STOPPED_DESTROYED);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.domain.id = -1;
    lab_pass(lab, 60 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 3);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 5);
}

/* The libvirtd of the run before is no more, and another counts anew. It says only that the run is
 * off, which is likely only. */
static void
test_overtaken_anew(Lab *lab, const void *data)
{
    lab_connect(lab);
    lab->guest.domain.id = 90;
    lab->guest.state = VS_STATE_RUNNING;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab_power_off(lab);
    lab_pass(lab, 120 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab_close(lab);
    lab_pass(lab, 5 * SEC);
    lab_open(lab);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 5;
    lab_pass(lab, 4 * SEC);
    lab->guest.domain.id = 4;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    tell_stopped(lab, VS_STOPPED_SHUTDOWN);
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 4);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_GUEST_INITIATED);
    g_assert_cmpint(lab_last_record(lab)->verdict.confidence, ==, VS_CONFIDENCE_LIKELY);
}

/* A transient guest that has its record, was removed, and is back: what is told late of the run
 * before is of no other. */
static void
test_removed(Lab *lab, const void *data)
{
    lab->guest.persistent = false;
    lab_run_guest(lab);
    lab_restart(lab, SEC);
    lab_be_gone(lab, VS_STATE_GONE, VS_SHUTOFF_SHUTDOWN);
    lab_open(lab);
    lab_pass(lab, SEC / 10);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_null(lab_guest(lab));
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 100;
    lab_pass(lab, 4 * SEC);
    g_assert_nonnull(lab_guest(lab)->run);
    g_assert_cmpint(lab_guest(lab)->past_id, ==, 1);
    lab->guest.domain.id = 1;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab->guest.domain.id = 100;
    tell_stopped(lab, VS_STOPPED_SHUTDOWN);
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab_pass(lab, 60 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_nonnull(lab_guest(lab)->run);
    g_assert_cmpuint(lab_guest(lab)->past_step, >, 0);
    g_assert_true(lab_guest(lab)->past_told);
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
    lab_add("/engine/late/list-first", test_list_first);
    lab_add("/engine/late/behind-others", test_behind_others);
    lab_add("/engine/late/behind-others-for-ever", test_behind_others_for_ever);
    lab_add("/engine/late/never-told", test_never_told);
    lab_add("/engine/late/started-late", test_started_late);
    lab_add("/engine/late/pause", test_pause);
    lab_add("/engine/late/resume-after-shutdown", test_resume_after_shutdown);
    lab_add("/engine/late/lived-through", test_lived_through);
    lab_add("/engine/late/save-fails", test_save_fails);
    lab_add("/engine/late/save-fails-paused", test_save_fails_paused);
    g_test_add("/engine/late/straggler", Lab, "persistent", set_up, test_straggler, lab_tear_down);
    g_test_add("/engine/late/straggler-while-recorded", Lab, "", set_up,
               test_straggler_while_recorded, lab_tear_down);
    g_test_add("/engine/late/straggler-of-transient", Lab, "transient", set_up, test_straggler,
               lab_tear_down);
    lab_add("/engine/late/overtaken", test_overtaken);
    lab_add("/engine/late/stopped-of-the-one-before", test_stopped_of_the_one_before);
    lab_add("/engine/late/overtaken-anew", test_overtaken_anew);
    lab_add("/engine/late/removed", test_removed);
    lab_add("/engine/late/down-before-list", test_down_before_list);
    lab_add("/engine/late/stopped-before-list", test_stopped_before_list);
    lab_add("/engine/late/down-behind-list", test_down_behind_list);
    return g_test_run();
}

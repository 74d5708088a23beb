/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* A container: its ids are pids, which come in any order, and it has another after a reboot. */

static void
set_up(Lab *lab, const void *data)
{
    lab_set_up(lab, data);
    g_free(lab->guest.domain.uri);
    lab->guest.domain.uri = g_strdup("lxc:///system");
    lab->guest.description.agent = VS_AGENT_NONE;
}

static void
run_container(Lab *lab)
{
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 5000;
    lab_connect(lab);
}

static void
tell_reboot(Lab *lab)
{
    VsEvent event = {.type = VS_EVENT_REBOOT, .domain = &lab->guest.domain};

    lab_step(lab, &event, NULL);
}

static void
end_init(Lab *lab)
{
    lab->guest.domain.id = -1;
    lab->guest.state = VS_STATE_SHUTOFF;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
}

static void
list(Lab *lab)
{
    lab_pass(lab, 1 * SEC);
    lab_answer_list(lab, 1000000);
}

static void
test_reboot(Lab *lab, const void *data)
{
    static const int ids[] = {300, 9000};

    run_container(lab);
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        lab->guest.domain.id = ids[i];
        tell_reboot(lab);
        lab_pass(lab, 60 * SEC);
        lab_expect_no_record(lab);
        g_assert_cmpint(lab_guest(lab)->domain.id, ==, ids[i]);
    }
    end_init(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* A list is quicker than the event. */
static void
test_reboot_found(Lab *lab, const void *data)
{
    run_container(lab);
    lab->guest.domain.id = 300;
    list(lab);
    lab_expect_no_record(lab);
    lab_pass(lab, 2 * SEC);
    tell_reboot(lab);
    lab_pass(lab, 60 * SEC);
    lab_expect_no_record(lab);
    lab_stop(lab, "signal:9s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_SIGNAL));
    end_init(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_REQUEST, VS_CONFIDENCE_LIKELY);
}

/* It was ended and started anew, which is told in order, with whatever id. */
static void
test_started_anew(Lab *lab, const void *data)
{
    static const int ids[] = {300, 9000};

    run_container(lab);
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        end_init(lab);
        lab->guest.domain.id = ids[i];
        lab->guest.state = VS_STATE_RUNNING;
        lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
        lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
        g_ptr_array_set_size(lab->records, 0);
        lab_pass(lab, 60 * SEC);
        lab_expect_no_record(lab);
        g_assert_cmpint(lab_guest(lab)->domain.id, ==, ids[i]);
        g_assert_nonnull(lab_guest(lab)->run);
    }
}

/* A list has found how it runs after a reboot, and what came before that is told only then. */
static void
test_told_late(Lab *lab, const void *data)
{
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 300;
    lab_connect(lab);
    list(lab);
    lab->guest.domain.id = 5000;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
    lab->guest.domain.id = 300;
    tell_reboot(lab);
    lab_pass(lab, 60 * SEC);
    lab_expect_no_record(lab);
    g_assert_cmpint(lab_guest(lab)->domain.id, ==, 300);
}

/* It reboots instead of going down: it is asked again, and the step's time runs on. */
static void
test_reboots_instead(Lab *lab, const void *data)
{
    run_container(lab);
    lab_stop(lab, "initctl:9s signal:9s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_INITCTL));
    lab_pass_quietly(lab, 3 * SEC);
    lab->guest.domain.id = 300;
    tell_reboot(lab);
    lab_pass_quietly(lab, 5 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_INITCTL));
    lab_pass_quietly(lab, SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_SIGNAL));
    lab_pass(lab, 10 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "initctl=rebooted, initctl=deadline, signal=deadline, "
                        "destroy=forced");
}

/* What libvirt's driver has not is passed over, and so is what it refuses. */
static void
test_ladders(Lab *lab, const void *data)
{
    run_container(lab);
    lab_stop(lab, "agent power-button save paravirt terminate signal:9s leave");
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_SIGNAL), VS_LIBVIRT_OPERATION_FAILED, 0);
    lab_expect_no_call(lab);
    g_assert_cmpint(lab->outcome, ==, VS_OUTCOME_TIMED_OUT);
    end_init(lab); /* nobody had asked it */
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* A restart in mid-stop knows that it was asked. */
static void
test_restart(Lab *lab, const void *data)
{
    run_container(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_INITCTL));
    lab_restart(lab, 1 * SEC);
    lab_connect(lab);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_SIGNAL));
    lab_restart(lab, 1 * SEC);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_SHUTDOWN;
    lab->guest.domain.id = -1;
    lab_connect(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_REQUEST, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "initctl=deadline, signal=clean");
}

static void
tell_stopped(Lab *lab, int detail)
{
    lab->guest.domain.id = -1;
    lab->guest.state = VS_STATE_SHUTOFF;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, detail);
}

static void
run_again(Lab *lab)
{
    lab->guest.domain.id = 6000;
    lab->guest.state = VS_STATE_RUNNING;
    lab_lifecycle(lab, VS_LIFECYCLE_STARTED, 0);
}

/* libvirt tells of a destroy as of a failure now and then, and then of the destroy. */
static void
test_fails_first(Lab *lab, const void *data)
{
    run_container(lab);
    tell_stopped(lab, VS_STOPPED_FAILED);
    lab_pass(lab, SEC / 2);
    lab_expect_no_record(lab);
    tell_stopped(lab, VS_STOPPED_DESTROYED);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

/* ... of our own, too, whose answer came before either. */
static void
test_fails_first_by_us(Lab *lab, const void *data)
{
    run_container(lab);
    lab_stop(lab, "destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_DESTROY));
    tell_stopped(lab, VS_STOPPED_FAILED);
    tell_stopped(lab, VS_STOPPED_DESTROYED);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "destroy=forced");
}

/* What really failed is recorded soon, and at once where it runs again. */
static void
test_fails(Lab *lab, const void *data)
{
    run_container(lab);
    tell_stopped(lab, VS_STOPPED_FAILED);
    lab_pass(lab, 3 * SEC);
    lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
    g_ptr_array_set_size(lab->records, 0);
    run_again(lab);
    tell_stopped(lab, VS_STOPPED_FAILED);
    run_again(lab);
    lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
    g_assert_nonnull(lab_guest(lab)->run);
}

#define add(name, test)                                                                            \
    g_test_add("/engine/container/" name, Lab, NULL, set_up, test, lab_tear_down)

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    add("reboot", test_reboot);
    add("reboot-found", test_reboot_found);
    add("started-anew", test_started_anew);
    add("told-late", test_told_late);
    add("reboots-instead", test_reboots_instead);
    add("ladders", test_ladders);
    add("restart", test_restart);
    add("fails-first", test_fails_first);
    add("fails-first/by-us", test_fails_first_by_us);
    add("fails", test_fails);
    return g_test_run();
}

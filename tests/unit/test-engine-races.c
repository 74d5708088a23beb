/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* Answers and events that overtake each other: libvirt sends them over different connections. */

static void
close_port(Lab *lab)
{
    lab_qmp(lab, "VSERPORT_CHANGE", "{\"open\":false,\"id\":\"channel0\"}");
}

/* systemd stops the agent as one of the first. */
static void
go_down_with_agent(Lab *lab, int code, bool late)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    if (!late)
        close_port(lab);
    lab_reply_error(lab, call, code, SEC / 10);
    lab_pass_quietly(lab, SEC / 2);
    if (late)
        close_port(lab);
    lab_pass_quietly(lab, 9 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
}

static void
test_agent_disappears(Lab *lab, const void *data)
{
    go_down_with_agent(lab, VS_LIBVIRT_AGENT_UNRESPONSIVE, false);
}

static void
test_socket_closed(Lab *lab, const void *data)
{
    go_down_with_agent(lab, VS_LIBVIRT_INTERNAL_ERROR, false);
}

static void
test_port_closed_late(Lab *lab, const void *data)
{
    go_down_with_agent(lab, VS_LIBVIRT_AGENT_UNRESPONSIVE, true);
}

static void
test_port_closed_before(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    close_port(lab);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC / 10);
    lab_pass_quietly(lab, SEC / 2);
    lab_pass(lab, 3 * SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=libvirt says no, power-button=went down");
}

static void
test_press_meets_going_down(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab->guest.state = VS_STATE_SHUTDOWN;
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, SEC / 100);
    lab_expect_no_call(lab);
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* It was off when we pressed, and that is told only now, whatever becomes of the press. */
static void
test_press_comes_too_late(Lab *lab, const void *data)
{
    uint64_t call;

    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
    lab_pass(lab, 600 * SEC);
    lab_stop(lab, "power-button:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_go_down(lab);
    lab_reply_error(lab, call, VS_LIBVIRT_NO_DOMAIN, 0);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* ... and QEMU can be pressed even then. */
static void
test_press_meets_down(Lab *lab, const void *data)
{
    uint64_t call;

    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
    lab_pass(lab, 600 * SEC);
    lab_stop(lab, "power-button:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_go_down(lab);
    lab_be_pressed(lab, call);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
}

/* A destroy that libvirt wasn't even asked for has destroyed nothing: the guest had powered off,
 * and runs anew. */
static void
test_destroy_meets_next_run(Lab *lab, const void *data)
{
    static char *log[] = {(char *)"2026-11-18 11:10:00.000+0000: shutting down, reason=daemon",
                          NULL};
    uint64_t call;

    lab->log = log;
    lab_run_guest(lab);
    lab_stop(lab, "power-button:2s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_close(lab);
    lab_open(lab);
    lab_pass(lab, 5 * SEC);
    call = lab_expect_call(lab, VS_METHOD_DESTROY);
    lab->guest.domain.id++;
    lab_qmp(lab, "RESUME", NULL);
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, 0);
    lab_pass(lab, 60 * SEC);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

static void
test_press_meets_pause(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab->guest.state = VS_STATE_PAUSED;
    lab_reply_error(lab, call, VS_LIBVIRT_OPERATION_INVALID, SEC / 100);
    lab_pass(lab, 3 * SEC);
    lab_expect_call(lab, VS_METHOD_RESUME);
    lab_pause(lab, false);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_finished(
        lab, VS_OUTCOME_CLEAN,
        "power-button=the domain is paused, resume=resumed, power-button=went down");
}

/* A guest that was pressed has its time, also where somebody pauses it then. */
static void
test_paused_after_press(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s,press=2,gap=1s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pause(lab, true);
    lab_pass(lab, 2 * SEC);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_RESUME));
    lab_pause(lab, false);
    lab_pass(lab, SEC);
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON)); /* the second */
    lab_pass_quietly(lab, 59 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_resumed_comes_late(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_RESUME);
    lab->guest.state = VS_STATE_RUNNING;
    lab_reply_ok(lab, call);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_qmp(lab, "RESUME", NULL);
    lab_lifecycle(lab, VS_LIFECYCLE_RESUMED, 0);
    lab_pass(lab, 10 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "resume=resumed, agent=went down");
}

static void
test_cancel_meets_press(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

static void
test_cut_off_by_others(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "power-button=forced");
}

/* Listed while libvirt starts it, and then the start fails: it never ran. */
static void
test_listed_while_starting(Lab *lab, const void *data)
{
    lab->guest.state = VS_STATE_PAUSED;
    lab->guest.reason = 11; /* VIR_DOMAIN_PAUSED_STARTING_UP */
    lab_connect(lab);
    g_assert_null(lab_guest(lab)->run);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_FAILED;
    lab_pass(lab, 60 * SEC);
    lab_expect_no_record(lab);
    g_assert_cmpint(lab_guest(lab)->state, ==, VS_STATE_SHUTOFF);
}

/* Somebody else's press stands, where ours, which came after it, was none. */
static void
test_press_behind_other(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 3 * SEC);
    lab_stop(lab, "power-button:60s destroy");
    lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON), VS_LIBVIRT_INTERNAL_ERROR,
                    0);
    lab_pass(lab, SEC / 2);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* QEMU dies as libvirt is about to press. What libvirt says of that is no reason for a destroy,
 * which would be told as what ended it. */
static void
test_killed_at_press(Lab *lab, const void *data)
{
    static const int codes[] = {VS_LIBVIRT_SYSTEM_ERROR, VS_LIBVIRT_INTERNAL_ERROR,
                                VS_LIBVIRT_OPERATION_FAILED};

    lab_connect(lab);
    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_ptr_array_set_size(lab->records, 0);
        lab->n_finished = 0;
        lab_boot(lab);
        lab_stop(lab, "power-button:60s destroy");
        lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON), codes[i], 0);
        lab_pass_quietly(lab, SEC / 2);
        lab->guest.state = VS_STATE_SHUTOFF;
        lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_FAILED);
        lab_answer_log(lab);
        lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
        lab_expect_finished(lab, VS_OUTCOME_FORCED, NULL);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/races/agent-disappears", test_agent_disappears);
    lab_add("/engine/races/socket-closed", test_socket_closed);
    lab_add("/engine/races/port-closed-late", test_port_closed_late);
    lab_add("/engine/races/port-closed-before", test_port_closed_before);
    lab_add("/engine/races/press-meets-going-down", test_press_meets_going_down);
    lab_add("/engine/races/press-comes-too-late", test_press_comes_too_late);
    lab_add("/engine/races/press-meets-down", test_press_meets_down);
    lab_add("/engine/races/destroy-meets-next-run", test_destroy_meets_next_run);
    lab_add("/engine/races/press-meets-pause", test_press_meets_pause);
    lab_add("/engine/races/paused-after-press", test_paused_after_press);
    lab_add("/engine/races/resumed-comes-late", test_resumed_comes_late);
    lab_add("/engine/races/cancel-meets-press", test_cancel_meets_press);
    lab_add("/engine/races/cut-off-by-others", test_cut_off_by_others);
    lab_add("/engine/races/press-behind-other", test_press_behind_other);
    lab_add("/engine/races/killed-at-press", test_killed_at_press);
    lab_add("/engine/races/listed-while-starting", test_listed_while_starting);
    return g_test_run();
}

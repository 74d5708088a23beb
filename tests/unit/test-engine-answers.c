/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* Answers that come too late, or never; and runs that nobody saw begin. */

/* Every question that was asked before an event, and is answered after it. */
static void
test_stale_list(Lab *lab, const void *data)
{
    uint64_t serial;

    lab_run_guest(lab);
    lab_close(lab);
    lab->mute = true;
    lab_open(lab);
    serial = lab->last_serial;
    lab->mute = false;
    lab_power_off(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab_answer_list(lab, serial);
    g_assert_null(lab_guest(lab)->run);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_pass(lab, 100 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
}

static void
test_stale_list_of_off(Lab *lab, const void *data)
{
    uint64_t serial;

    lab_connect(lab);
    lab_close(lab);
    lab->mute = true;
    lab_open(lab);
    serial = lab->last_serial;
    lab_boot(lab);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_UNKNOWN);
    lab_answer_list(lab, serial);
    g_assert_nonnull(lab_guest(lab)->run);
    g_assert_false(vs_run_is_over(lab_guest(lab)->run));
}

static void
test_stale_look_up(Lab *lab, const void *data)
{
    uint64_t serial;

    lab_connect(lab);
    lab->mute = true;
    lab_boot(lab);
    g_assert_cmpint(lab->last_question, ==, VS_ACTION_LOOK_UP);
    serial = lab->last_serial;
    lab->mute = false;
    lab_power_off(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab_answer_look_up(lab, serial);
    g_assert_null(lab_guest(lab)->run);
}

/* Two questions, of which the older one is answered last, as of a libvirt that was held up: that it
 * runs is no newer than that it is off. */
static void
test_crossed(Lab *lab, const void *data)
{
    uint64_t older, newer;

    lab_connect(lab);
    lab->mute = true;
    lab_boot(lab);
    older = lab->last_serial;
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 0);
    newer = lab->last_serial;
    g_assert_cmpuint(newer, >, older);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_DESTROYED;
    lab->guest.domain.id = -1;
    lab_answer_look_up(lab, newer);
    lab_pass(lab, 100 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab_answer_look_up(lab, older);
    g_assert_null(lab_guest(lab)->run);
    g_assert_cmpuint(lab->last_serial, >, newer); /* it is asked again */
    g_assert_cmpint(lab->last_question, ==, VS_ACTION_LOOK_UP);
}

static void
agent_event(Lab *lab, VsAgentState state)
{
    VsEvent event = {.type = VS_EVENT_AGENT, .domain = &lab->guest.domain, .agent.state = state};

    lab_step(lab, &event, NULL);
}

/* The agent connected while a look-up that doesn't know it was on its way. */
static void
test_stale_agent(Lab *lab, const void *data)
{
    lab->guest.description.agent = VS_AGENT_DISCONNECTED;
    lab_run_guest(lab);
    lab->mute = true;
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 1);
    agent_event(lab, VS_AGENT_CONNECTED);
    lab_answer_look_up(lab, lab->last_serial);
    g_assert_cmpint(lab_guest(lab)->description.agent, ==, VS_AGENT_CONNECTED);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
}

/* A list from before the connection broke. */
static void
test_list_of_another_connection(Lab *lab, const void *data)
{
    uint64_t serial;

    lab->mute = true;
    lab_open(lab);
    serial = lab->last_serial;
    lab_close(lab);
    lab->guest.state = VS_STATE_RUNNING;
    lab->guest.domain.id = 1;
    lab_answer_list(lab, serial);
    g_assert_null(lab_guest(lab));
    lab_open(lab);
    lab_answer_list(lab, serial);
    g_assert_null(lab_guest(lab));
    lab_answer_list(lab, lab->last_serial);
    g_assert_nonnull(lab_guest(lab)->run);
}

static char *killed_log[] = {
    (char *)"2026-01-01 00:00:00.000+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.9",
    (char *)"2026-11-22T19:51:49.884668Z qemu-system-x86_64: terminating on signal 15 from pid "
            "1930 (/usr/bin/python3)",
    (char *)"2026-11-22 19:51:51.689+0000: shutting down, reason=crashed",
    (char *)"2029-01-01 00:00:00.000+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.9",
    NULL};

/* While nobody looked it was killed, and high availability started it again. */
static void
test_other_run_in_list(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->log = killed_log;
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab->guest.domain.id = 7;
    lab_open(lab);
    lab_expect_record(lab, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(lab_last_record(lab)->verdict.killer_pid, ==, 1930);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 1);
    g_assert_nonnull(lab_guest(lab)->run);
    g_assert_cmpint(lab_guest(lab)->domain.id, ==, 7);
    g_assert_nonnull(lab->saved);
}

/* ... and its new run speaks before the list does. */
static void
test_other_run_in_event(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->log = killed_log;
    lab_close(lab);
    lab_pass(lab, 10 * SEC);
    lab->guest.domain.id = 7;
    lab->mute = true;
    lab_open(lab);
    lab->mute = false;
    lab_qmp(lab, "RESET", "{\"guest\":true,\"reason\":\"guest-reset\"}");
    lab_expect_record(lab, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 1);
    lab_pass(lab, 100 * SEC);
    g_assert_cmpint(lab_guest(lab)->domain.id, ==, 7);
    lab_power_off(lab);
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 7);
}

/* The new run ends before the log of the old one is read. */
static void
test_other_run_ends_at_once(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_close(lab);
    lab->guest.domain.id = 7;
    lab->mute = true;
    lab_open(lab);
    lab_answer_list(lab, lab->last_serial);
    lab_expect_no_record(lab);
    lab_be_destroyed(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab_answer_look_up(lab, lab->last_serial); /* STOPPED may have been told of the one before */
    lab_answer_log(lab);
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_DESTROYED);
}

static void
test_log_never_comes(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->mute = true;
    lab_power_off(lab);
    lab_pass(lab, 2 * SEC - 1);
    lab_expect_no_record(lab);
    lab_pass(lab, 1);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    lab_answer_log(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
}

/* The agent's answer comes when the guest is off already: that is no reason to read the log again.
 */
static void
test_log_is_read_once(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    lab->mute = true;
    lab_power_off(lab);
    lab_reply_ok(lab, call);
    g_assert_cmpuint(lab->n_logs, ==, 1);
    lab_answer_log(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
}

static void
test_restarted_before_the_log(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab->mute = true;
    lab_power_off(lab);
    lab_boot(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    g_assert_nonnull(lab_guest(lab)->run);
    g_assert_false(vs_run_is_over(lab_guest(lab)->run));
}

/* No agent was there, as it turns out when the next step is under way. */
static void
test_refused_after_its_step(Lab *lab, const void *data)
{
    uint64_t call;

    lab_run_guest(lab);
    lab_agent(lab, VS_AGENT_CONNECTED);
    lab_stop(lab, "agent:60s power-button:60s destroy");
    call = lab_expect_call(lab, VS_METHOD_AGENT);
    g_assert_true(lab_request(lab, VS_EVENT_ESCALATE, NULL));
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_reply_error(lab, call, VS_LIBVIRT_AGENT_UNRESPONSIVE, SEC / 10);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/answers/stale-list", test_stale_list);
    lab_add("/engine/answers/stale-list-of-off", test_stale_list_of_off);
    lab_add("/engine/answers/stale-look-up", test_stale_look_up);
    lab_add("/engine/answers/stale-agent", test_stale_agent);
    lab_add("/engine/answers/list-of-another-connection", test_list_of_another_connection);
    lab_add("/engine/answers/other-run-in-list", test_other_run_in_list);
    lab_add("/engine/answers/other-run-in-event", test_other_run_in_event);
    lab_add("/engine/answers/other-run-ends-at-once", test_other_run_ends_at_once);
    lab_add("/engine/answers/crossed", test_crossed);
    lab_add("/engine/answers/log-never-comes", test_log_never_comes);
    lab_add("/engine/answers/refused-after-its-step", test_refused_after_its_step);
    lab_add("/engine/answers/log-is-read-once", test_log_is_read_once);
    lab_add("/engine/answers/restarted-before-the-log", test_restarted_before_the_log);
    return g_test_run();
}

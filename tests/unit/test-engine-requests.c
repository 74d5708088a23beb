/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "util/error.h"
#include "vs-test.h"

/* What people ask for: a stop, to call it off, to hurry it, to give it more time. */

static void
assert_refused(Lab *lab, VsEventType type, int code, const char *part)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(lab_request(lab, type, &error));
    g_assert_error(error, VS_ERROR, code);
    g_assert_nonnull(g_strstr_len(error->message, -1, part));
}

static bool
try_stop(Lab *lab, const char *ladder, int64_t budget, GError **error)
{
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &lab->guest.domain};

    event.stop.ladder = ladder;
    event.stop.budget = budget;
    return lab_step(lab, &event, error);
}

static void
test_second_request_joins(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_stop(lab, "destroy");
    lab_stop(lab, NULL);
    lab_pass_quietly(lab, 60 * SEC - 1);
    g_assert_cmpuint(lab->n_added, ==, 1);
    lab_power_off(lab);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
}

static void
test_already_off(Lab *lab, const void *data)
{
    lab_connect(lab);
    lab_stop(lab, NULL);
    lab_expect_no_call(lab);
    lab_expect_no_record(lab);
    lab_expect_finished(lab, VS_OUTCOME_ALREADY_OFF, NULL);
}

static void
test_unknown_domain(Lab *lab, const void *data)
{
    lab_connect(lab);
    g_strlcpy(lab->guest.domain.uuid.text, LAB_OTHER, sizeof(lab->guest.domain.uuid.text));
    assert_refused(lab, VS_EVENT_STOP, VS_ERROR_NO_SUCH_DOMAIN, "web1");
    assert_refused(lab, VS_EVENT_CANCEL, VS_ERROR_NO_SUCH_DOMAIN, "web1");
    assert_refused(lab, VS_EVENT_ESCALATE, VS_ERROR_NO_SUCH_DOMAIN, "web1");
    g_assert_cmpuint(lab->n_added + lab->n_finished, ==, 0);
}

static void
test_bad_ladder(Lab *lab, const void *data)
{
    g_autoptr(GError) bad_ladder = NULL, bad_budget = NULL;

    lab_run_guest(lab);
    g_assert_false(try_stop(lab, "agent:60s bazooka", 0, &bad_ladder));
    g_assert_error(bad_ladder, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(g_strstr_len(bad_ladder->message, -1, "bazooka"));
    g_assert_false(try_stop(lab, NULL, -1, &bad_budget));
    g_assert_error(bad_budget, VS_ERROR, VS_ERROR_INVALID);
    lab_expect_no_call(lab);
    g_assert_null(lab_guest(lab)->stop);
    g_assert_cmpuint(lab->n_added, ==, 0);
}

/* 60 s and 120 s, and 15 s for the destroy itself, in 75 s: a third each. */
static void
test_budget(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    g_assert_true(try_stop(lab, NULL, 75 * SEC, NULL));
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 20 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 40 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_cancel(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 10 * SEC);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_expect_finished(lab, VS_OUTCOME_CANCELLED, "agent=cancelled");
    lab_pass_quietly(lab, 3600 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    g_assert_null(lab_last_record(lab)->request);
}

/* The agent can't be told to forget: the guest goes down all the same. */
static void
test_cancel_and_it_goes_down(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_pass(lab, 10 * SEC);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_pass(lab, 10 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
    g_assert_cmpstr(vs_json_string(lab_last_record(lab)->request, "outcome", NULL), ==,
                    "cancelled");
}

/* QEMU's echo of our own press is no press by somebody else, which would stand for longer. */
static void
test_cancelled_press_expires(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:10s destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_qmp(lab, "POWERDOWN", NULL);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_pass(lab, 60 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

static void
test_stop_again_after_cancel(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_stop(lab, "power-button:10s destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 10 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    g_assert_cmpuint(lab->n_added, ==, 2);
}

static void
test_escalate(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    g_assert_true(lab_request(lab, VS_EVENT_ESCALATE, NULL));
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_pass_quietly(lab, 120 * SEC - 1);
    g_assert_true(lab_request(lab, VS_EVENT_ESCALATE, NULL));
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "agent=escalated, power-button=escalated, destroy=forced");
}

static void
test_extend(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:60s destroy");
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 59 * SEC);
    g_assert_true(lab_extend(lab, 100 * SEC, NULL));
    lab_pass_quietly(lab, 101 * SEC - 1);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* Our own requests: somebody else's press doesn't stand for longer. */
static void
test_extend_no_press_of_others(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:1h destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_reset(lab);
    lab_qmp(lab, "POWERDOWN", NULL);
    g_assert_true(lab_extend(lab, 60 * SEC, NULL));
    lab_pass_quietly(lab, 601 * SEC);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

static void
test_extend_badly(Lab *lab, const void *data)
{
    static const int64_t spans[] = {0, -1, INT64_MIN, INT64_MAX, 8 * 86400 * SEC};

    lab_run_guest(lab);
    lab_stop(lab, "agent:60s destroy");
    lab_expect_call(lab, VS_METHOD_AGENT);
    for (size_t i = 0; i < G_N_ELEMENTS(spans); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(lab_extend(lab, spans[i], &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    }
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_no_stop(Lab *lab, const void *data)
{
    g_autoptr(GError) error = NULL;

    lab_run_guest(lab);
    assert_refused(lab, VS_EVENT_CANCEL, VS_ERROR_NO_STOP, "web1");
    assert_refused(lab, VS_EVENT_ESCALATE, VS_ERROR_NO_STOP, "web1");
    g_assert_false(lab_extend(lab, SEC, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_NO_STOP);
}

static void
assert_too_late(Lab *lab)
{
    g_autoptr(GError) error = NULL;

    assert_refused(lab, VS_EVENT_CANCEL, VS_ERROR_NO_STOP, "too late");
    assert_refused(lab, VS_EVENT_ESCALATE, VS_ERROR_NO_STOP, "too late");
    g_assert_false(lab_extend(lab, SEC, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_NO_STOP);
    lab_expect_in_flight(lab);
}

static void
test_too_late(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_go_down(lab);
    assert_too_late(lab);
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
}

static void
test_too_late_for_destroy(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    assert_too_late(lab);
}

static void
test_libvirt_is_away(Lab *lab, const void *data)
{
    g_autoptr(GError) error = NULL;

    lab_run_guest(lab);
    lab_close(lab);
    lab_stop(lab, "agent:60s destroy");
    lab_pass_quietly(lab, 600 * SEC);
    assert_refused(lab, VS_EVENT_ESCALATE, VS_ERROR_NOT_CONNECTED, LAB_URI);
    g_assert_false(lab_extend(lab, 100 * SEC, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_NOT_CONNECTED);

    /* The first step has all its time, from when it is taken. */
    lab_open(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_cancel_while_libvirt_is_away(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_close(lab);
    lab_stop(lab, NULL);
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_expect_finished(lab, VS_OUTCOME_CANCELLED, "");
    lab_open(lab);
    lab_pass_quietly(lab, 600 * SEC);
}

/* A reason is somebody else's text: bounded, and made UTF-8. */
static void
test_long_reason(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_STOP, .domain = &lab->guest.domain};
    g_autofree char *reason = g_strnfill(100000, '\xff');
    const char *kept;

    lab_run_guest(lab);
    event.stop.reason = reason;
    g_assert_true(lab_step(lab, &event, NULL));
    kept = lab_guest(lab)->stop->reason;
    g_assert_true(g_utf8_validate(kept, -1, NULL));
    g_assert_cmpint(g_utf8_strlen(kept, -1), ==, 1000);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/requests/second-request-joins", test_second_request_joins);
    lab_add("/engine/requests/already-off", test_already_off);
    lab_add("/engine/requests/unknown-domain", test_unknown_domain);
    lab_add("/engine/requests/bad-ladder", test_bad_ladder);
    lab_add("/engine/requests/budget", test_budget);
    lab_add("/engine/requests/cancel", test_cancel);
    lab_add("/engine/requests/cancel-and-it-goes-down", test_cancel_and_it_goes_down);
    lab_add("/engine/requests/cancelled-press-expires", test_cancelled_press_expires);
    lab_add("/engine/requests/stop-again-after-cancel", test_stop_again_after_cancel);
    lab_add("/engine/requests/escalate", test_escalate);
    lab_add("/engine/requests/extend", test_extend);
    lab_add("/engine/requests/extend-no-press-of-others", test_extend_no_press_of_others);
    lab_add("/engine/requests/extend-badly", test_extend_badly);
    lab_add("/engine/requests/no-stop", test_no_stop);
    lab_add("/engine/requests/too-late", test_too_late);
    lab_add("/engine/requests/too-late-for-destroy", test_too_late_for_destroy);
    lab_add("/engine/requests/libvirt-is-away", test_libvirt_is_away);
    lab_add("/engine/requests/cancel-while-libvirt-is-away", test_cancel_while_libvirt_is_away);
    lab_add("/engine/requests/long-reason", test_long_reason);
    return g_test_run();
}

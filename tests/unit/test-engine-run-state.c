/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine-lab.h"
#include "util/error.h"
#include "vs-test.h"

/* What survives the daemon: killed at any step of a stop, the next one goes on where it was. */

#define PAUSE (2 * SEC)

/* Dead for PAUSE, then libvirt is there, and 3 s later things have settled: 5 s in all. */
static void
restart(Lab *lab)
{
    lab_restart(lab, PAUSE);
    lab_pass_quietly(lab, 10 * SEC); /* nothing happens as long as libvirt isn't there */
    lab_open(lab);
}

static void
test_asked(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass(lab, 10 * SEC);
    restart(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab,
                    VS_METHOD_AGENT); /* whether it got out isn't known: the step begins anew */
    lab_pass_quietly(lab, 60 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 120 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_FORCED,
                        "agent=deadline, power-button=deadline, destroy=forced");
    g_assert_cmpuint(lab->records->len, ==, 1);
}

static void
test_answered(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    restart(lab);
    lab_pass_quietly(lab, 48 * SEC - 1);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
}

static void
test_between_presses(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:5min,press=2,gap=1min destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    restart(lab);
    lab_pass_quietly(lab, 48 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 240 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static void
test_waiting(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_close(lab);
    lab_stop(lab, NULL);
    restart(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_pass_quietly(lab, 60 * SEC - 1);
}

static void
test_resuming(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pause(lab, true);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_RESUME);
    restart(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_RESUME);
    lab_pause(lab, false);
    lab_expect_call(lab, VS_METHOD_AGENT);
}

static void
test_destroying(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "destroy");
    lab_expect_call(lab, VS_METHOD_DESTROY);
    restart(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
    lab_be_destroyed(lab);
    lab_pass(lab, 10 * SEC);
    lab_expect_finished(lab, VS_OUTCOME_FORCED, "destroy=forced");
}

static void
test_going_off(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    lab_go_down(lab);
    restart(lab);
    lab_pass_quietly(lab, 20 * SEC);
    lab_be_reaped(lab);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_GUEST_AGENT);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
}

/* Its end was seen, but the record wasn't made. */
static void
test_off(Lab *lab, const void *data)
{
    int64_t took;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab->mute = true;
    lab_power_off(lab);
    took = 3 * SEC / 2;
    lab->mute = false;
    lab_restart(lab, PAUSE);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_GUEST_AGENT);
    g_assert_cmpint(lab_last_record(lab)->took, ==, took);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=went down");
    lab_connect(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_null(lab->saved);
}

static void
test_gone_meanwhile(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_restart(lab, PAUSE);
    lab_expect_no_record(lab);
    lab_connect(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "agent=clean");
}

static void
test_gone_for_good_meanwhile(Lab *lab, const void *data)
{
    lab->guest.persistent = false;
    lab_run_guest(lab);
    lab_be_gone(lab, VS_STATE_GONE, 0);
    lab_restart(lab, PAUSE);
    lab_connect(lab);
    lab_expect_record(lab, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    g_assert_null(lab_guest(lab));
}

static void
test_restarted_meanwhile(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    lab_restart(lab, PAUSE);
    lab->guest.domain.id = 9;
    lab_open(lab);
    g_assert_cmpuint(lab->records->len, ==, 1);
    g_assert_cmpuint(lab->n_finished, ==, 1);
    lab_pass_quietly(lab, 3600 * SEC);
    g_assert_nonnull(lab_guest(lab)->run);
    g_assert_null(lab_guest(lab)->stop);
}

/* A request that was called off explains a power-off across a restart, too. */
static void
test_cancelled(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    g_assert_true(lab_request(lab, VS_EVENT_CANCEL, NULL));
    lab_restart(lab, PAUSE);
    lab_connect(lab);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
    g_assert_cmpstr(vs_json_string(lab_last_record(lab)->request, "outcome", NULL), ==,
                    "cancelled");
}

/* That the guest felt the press is known, though libvirt had not answered yet: it isn't pressed
 * again, which some take for a change of mind. */
static void
test_pressed_and_restarted(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_restart(lab, PAUSE);
    lab_open(lab);
    lab_pass_quietly(lab, 59 * SEC - PAUSE);
    lab_pass(lab, SEC);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* The deadlines of what was asked stay. */
static void
test_many_restarts(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "agent:10min power-button:10min destroy");
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_AGENT));
    for (int i = 0; i < 20; i++) {
        lab_pass(lab, 10 * SEC);
        lab_restart(lab, PAUSE);
        lab_open(lab);
    }
    lab_pass(lab, 1200 * SEC - 240 * SEC - 1);
    for (unsigned i = 0; i < lab->calls->len; i++)
        g_assert_cmpint(((VsAction *)lab->calls->pdata[i])->method, !=, VS_METHOD_DESTROY);
    g_ptr_array_set_size(lab->calls, 0);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* Its time was over before it could be reached: it is pressed all the same, and has its time. */
static void
test_never_reached(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_stop(lab, "power-button:3s destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    lab_restart(lab, SEC / 20);
    lab_open(lab);
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_reply_ok(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_pass_quietly(lab, 3 * SEC - 1);
    lab_pass(lab, 1);
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

static bool
restore(Lab *lab, const char *state, bool recorded, GError **error)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER, .domain = &lab->guest.domain};

    event.take_over.state = state;
    event.take_over.record = recorded ? "{}" : NULL;
    return lab_step(lab, &event, error);
}

static void
test_recorded_already(Lab *lab, const void *data)
{
    g_autofree char *saved = NULL;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    saved = g_strdup(lab->saved);
    lab->saved = (g_free(lab->saved), NULL);
    lab_restart(lab, PAUSE);
    lab->saved = g_strdup("to be forgotten");
    g_assert_true(restore(lab, saved, true, NULL));
    g_assert_null(lab->saved);
    g_assert_null(lab_guest(lab));
    lab_expect_no_record(lab);
}

static void
assert_damaged(Lab *lab, const char *state)
{
    g_autoptr(GError) error = NULL;
    unsigned n_notes = lab->notes->len;

    vs_test_note(state);
    g_assert_false(restore(lab, state, false, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "web1"));
    g_assert_null(lab_guest(lab));
    g_assert_cmpuint(lab->calls->len + lab->records->len + lab->n_finished, ==, 0);
    g_assert_cmpuint(lab->notes->len, ==, n_notes);
    g_assert_cmpint(vs_engine_next_timer(lab->engine), ==, INT64_MAX);
}

/* @state with the first @from in it replaced by @to. */
static char *
damage(const char *state, const char *from, const char *to)
{
    const char *at = strstr(state, from);

    g_assert_nonnull(at);
    return g_strdup_printf("%.*s%s%s", (int)(at - state), state, to, at + strlen(from));
}

static void
test_damaged(Lab *lab, const void *data)
{
    static const struct {
        const char *from, *to;
    } damages[] = {
        {"\"schema\":2", "\"schema\":3"},
        {"\"schema\":2", "\"schema\":\"2\""},
        {"\"evidence\":[", "\"evidence\":7,[["},
        {"\"id\":\"", "\"id\":\"x"},
        {"\"ladder\":\"", "\"ladder\":\"x"},
        {"\"step\":0", "\"step\":99"},
        {"\"step\":0", "\"step\":-1"},
        {"\"step\":0", "\"step\":1"},
        {"\"phase\":\"asked\"", "\"phase\":\"flying\""},
        {"\"phase\":\"asked\"", "\"phase\":3"},
        {"\"phase\":\"asked\"", "\"phase\":\"resuming\""},
        {"\"phase\":\"asked\"", "\"phase\":\"off\""},
        {"\"call\":\"made\"", "\"call\":\"shouted\""},
        {"\"shutdown\":\"none\"", "\"shutdown\":\"some\""},
        {"\"by\":\"virtstopd\"", "\"by\":\"chance\""},
        {"\"deadline\":", "\"deadline\":\"x\",\"d\":"},
        {"\"taken\":[", "\"taken\":[7,"},
        {"\"asked_mono\":", "\"asked_mono\":-"},
        {"\"method\":\"agent\",\"started\"", "\"method\":\"charm\",\"started\""},
    };
    g_autofree char *saved = NULL;

    lab_run_guest(lab);
    lab_stop(lab, NULL);
    lab_expect_call(lab, VS_METHOD_AGENT);
    saved = g_steal_pointer(&lab->saved);
    lab_restart(lab, PAUSE);

    assert_damaged(lab, "");
    assert_damaged(lab, "null");
    assert_damaged(lab, "{}");
    assert_damaged(lab, "{\"schema\":2,\"run\":{}}");
    assert_damaged(lab, "{\"schema\":1,\"run\":{}}");
    for (size_t i = 1; i < strlen(saved); i += 7) {
        g_autofree char *torn = g_strndup(saved, i);

        assert_damaged(lab, torn);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autofree char *state = damage(saved, damages[i].from, damages[i].to);

        assert_damaged(lab, state);
    }
    g_assert_true(restore(lab, saved, false, NULL));
    g_assert_nonnull(lab_guest(lab)->stop);
}

/* What the kernel told of the process while libvirt was away is known to the next daemon, too. */
static void
test_process_ended(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_WATCHED, .domain = &lab->guest.domain};

    lab_run_guest(lab);
    g_assert_true(lab_step(lab, &event, NULL));
    lab_close(lab);
    event.type = VS_EVENT_PROCESS;
    event.process.end = (VsProcessEnd){.fate = VS_FATE_KILLED, .number = 11};
    g_assert_true(lab_step(lab, &event, NULL));
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    restart(lab);
    lab_pass(lab, 90 * SEC);
    g_assert_cmpuint(lab->records->len, ==, 1);
    lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_CERTAIN);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/keep/asked", test_asked);
    lab_add("/engine/keep/answered", test_answered);
    lab_add("/engine/keep/between-presses", test_between_presses);
    lab_add("/engine/keep/waiting", test_waiting);
    lab_add("/engine/keep/resuming", test_resuming);
    lab_add("/engine/keep/destroying", test_destroying);
    lab_add("/engine/keep/going-off", test_going_off);
    lab_add("/engine/keep/off", test_off);
    lab_add("/engine/keep/gone-meanwhile", test_gone_meanwhile);
    lab_add("/engine/keep/gone-for-good-meanwhile", test_gone_for_good_meanwhile);
    lab_add("/engine/keep/restarted-meanwhile", test_restarted_meanwhile);
    lab_add("/engine/keep/cancelled", test_cancelled);
    lab_add("/engine/keep/pressed-and-restarted", test_pressed_and_restarted);
    lab_add("/engine/keep/many-restarts", test_many_restarts);
    lab_add("/engine/keep/never-reached", test_never_reached);
    lab_add("/engine/keep/recorded-already", test_recorded_already);
    lab_add("/engine/keep/process-ended", test_process_ended);
    lab_add("/engine/keep/damaged", test_damaged);
    return g_test_run();
}

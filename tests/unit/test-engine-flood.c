/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine-lab.h"
#include "vs-test.h"

/* A QEMU that somebody took over, or a guest that makes it talk, says much. What it says counts,
 * and costs nobody else anything. */

/* Bytes of what is kept of a run: its evidence, and the rest of it. */
#define MOST (66 * 1024)

static void
assert_kept(Lab *lab)
{
    g_assert_nonnull(lab->saved);
    g_assert_cmpuint(strlen(lab->saved), <, MOST);
}

/* Seven events with 3 MB each, as one sent them. */
static void
test_large_details(Lab *lab, const void *data)
{
    static const char *const events[] = {"RESET", "GUEST_PANICKED", "WATCHDOG", "VSERPORT_CHANGE",
                                         "STOP",  "POWERDOWN",      "SHUTDOWN"};
    g_autofree char *filling = g_strnfill(3 * 1000 * 1000, 'x');
    g_autofree char *details =
        g_strdup_printf("{\"guest\":true,\"reason\":\"guest-shutdown\",\"info\":\"%s\"}", filling);

    lab_run_guest(lab);
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++)
        lab_qmp(lab, events[i], details);
    assert_kept(lab);
    lab_restart(lab, SEC);
    lab_connect(lab);
    assert_kept(lab);
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

/* The first SHUTDOWN of the attempt decides, whatever follows; and it is told. */
static void
test_first_shutdown(Lab *lab, const void *data)
{
    json_object *first;

    lab->guest.description.agent = VS_AGENT_NONE;
    lab_run_guest(lab);
    lab_pass(lab, 600 * SEC);
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
    for (int i = 0; i < 3000; i++)
        lab_qmp(lab, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-qmp-quit\"}");
    lab_be_reaped(lab);
    lab_expect_record(lab, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
    first = json_object_array_get_idx(lab_last_record(lab)->evidence, 0);
    g_assert_cmpstr(vs_json_string(vs_json_object(first, "data"), "reason", ""), ==,
                    "guest-shutdown");
    g_assert_cmpint(lab_last_record(lab)->dropped, >, 2900);
}

/* Our own press stays told. */
static void
test_own_requests(Lab *lab, const void *data)
{
    json_object *evidence;
    unsigned n = 0;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:5min destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    for (int i = 0; i < 3000; i++)
        lab_qmp(lab, i % 2 ? "STOP" : "RESUME", NULL);
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    evidence = lab_last_record(lab)->evidence;
    for (size_t i = 0; i < json_object_array_length(evidence); i++)
        n += g_str_equal(vs_json_string(json_object_array_get_idx(evidence, i), "source", ""),
                         "request");
    g_assert_cmpuint(n, ==, 2); /* who asked for the stop, and the press */
}

/* A thousand events a second are kept some sixty times, and then once a second, and all of them are
 * when there are no more. */
static void
test_rate(Lab *lab, const void *data)
{
    unsigned n_before;

    lab_run_guest(lab);
    n_before = lab->n_saved;
    for (int i = 0; i < 10 * 1000; i++) {
        lab_qmp(lab, i % 2 ? "STOP" : "RESUME", NULL);
        lab_pass(lab, SEC / 1000);
    }
    lab_qmp(lab, "GUEST_PANICKED", NULL);
    g_assert_cmpuint(lab->n_saved - n_before, <=, 80);
    lab_pass(lab, 2 * SEC);
    g_assert_nonnull(strstr(lab->saved, "\"panicked\":true"));
    g_assert_cmpint(vs_engine_next_timer(lab->engine), ==, INT64_MAX);
    g_assert_cmpuint(lab->n_saved - n_before, <=, 82);
}

/* What is to be on disk before a call is, whatever the guest says meanwhile. */
static void
test_stop_in_flood(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    for (int i = 0; i < 500; i++)
        lab_qmp(lab, "STOP", NULL);
    g_assert_null(strstr(lab->saved, "\"method\":\"power-button\""));
    lab_stop(lab, "power-button:5min destroy");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    g_assert_nonnull(strstr(lab->saved, "\"method\":\"power-button\""));
    lab_be_destroyed(lab);
    g_assert_null(lab->saved);
    lab_pass(lab, 5 * SEC);
    g_assert_null(lab->saved);
}

/* Going down and coming back, over and over, while it is being stopped: no more is asked of it, or
 * written, and the stop comes to its end. */
static void
test_reboots_in_stop(Lab *lab, const void *data)
{
    unsigned n_before;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    n_before = lab->n_saved;
    for (int i = 0; i < 5000; i++) {
        lab_qmp(lab, "SHUTDOWN", "{\"guest\":true,\"reason\":\"guest-shutdown\"}");
        lab_qmp(lab, "RESET", "{\"guest\":true,\"reason\":\"guest-reset\"}");
        lab_pass(lab, SEC / 1000);
    }
    lab_expect_no_call(lab);
    g_assert_cmpuint(lab->n_saved - n_before, <=, 80);
    g_assert_cmpuint(strlen(lab->saved), <, MOST);
    for (int i = 0; i < 4; i++) { /* when it has had time to boot, and 10, 20 and 40 s later */
        lab_pass(lab, (i == 0 ? 5 : 5 << i) * SEC);
        if (i < 3)
            lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    }
    lab_expect_call(lab, VS_METHOD_DESTROY);
}

/* Pausing itself and going on, over and over: the stop has a bounded number of steps to tell of. */
static void
test_pauses_in_stop(Lab *lab, const void *data)
{
    const VsStop *stop;
    unsigned n_before;

    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    n_before = lab->n_saved;
    for (int i = 0; i < 2000; i++) {
        lab_pause(lab, true);
        lab_pass(lab, SEC / 1000);
        lab_pause(lab, false);
        lab_pass(lab, SEC / 1000);
    }
    stop = lab_guest(lab)->stop;
    g_test_message("%u calls, %u steps, %u saves", lab->calls->len, stop ? stop->taken->len : 0,
                   lab->n_saved - n_before);
    g_assert_cmpuint(strlen(lab->saved), <, MOST);
    g_assert_cmpuint(lab->n_saved - n_before, <=, 200);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/flood/large-details", test_large_details);
    lab_add("/engine/flood/first-shutdown", test_first_shutdown);
    lab_add("/engine/flood/own-requests", test_own_requests);
    lab_add("/engine/flood/rate", test_rate);
    lab_add("/engine/flood/stop-in-flood", test_stop_in_flood);
    lab_add("/engine/flood/reboots-in-stop", test_reboots_in_stop);
    lab_add("/engine/flood/pauses-in-stop", test_pauses_in_stop);
    return g_test_run();
}

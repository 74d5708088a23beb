/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine-lab.h"
#include "util/json.h"
#include "vs-test.h"

/* libvirt 11.2 and later presses power buttons itself when the host goes down. */

/* The guest runs, at a libvirt that does so, or doesn't. */
static void
run_guest(Lab *lab, bool stops_guests)
{
    VsEvent opened = {.type = VS_EVENT_CONNECTION, .uri = LAB_URI};

    lab_run_guest(lab);
    lab_close(lab);
    lab->connected = true;
    opened.connection.open = true;
    opened.connection.stops_guests = stops_guests;
    lab_step(lab, &opened, NULL);
    lab_pass(lab, 20 * 60 * SEC); /* what may have been missed meanwhile is long ago */
}

static void
host_goes_down(Lab *lab, bool active)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = active};

    lab_step(lab, &event, NULL);
}

/* What the evidence says of who pressed, once; NULL: nothing. */
static const char *
presser(Lab *lab)
{
    json_object *evidence = lab_last_record(lab)->evidence;
    const char *found = NULL;

    for (size_t i = 0; i < json_object_array_length(evidence); i++) {
        json_object *item = json_object_array_get_idx(evidence, i);

        if (!g_str_equal(vs_json_string(item, "source", ""), "press"))
            continue;
        g_assert_null(found);
        found = vs_json_string(item, "event", "");
    }
    return found;
}

static void
expect_libvirts(Lab *lab)
{
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    g_assert_cmpstr(presser(lab), ==, "libvirt's own auto-shutdown");
}

static void
expect_somebodys(Lab *lab)
{
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    g_assert_null(presser(lab));
}

static void
test_as_host_goes_down(Lab *lab, const void *data)
{
    run_guest(lab, true);
    host_goes_down(lab, true);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, SEC);
    expect_libvirts(lab);
}

/* libvirt has heard of it before us. */
static void
test_pressed_before(Lab *lab, const void *data)
{
    run_guest(lab, true);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, SEC);
    host_goes_down(lab, true);
    expect_libvirts(lab);
}

static void
test_pressed_long_before(Lab *lab, const void *data)
{
    run_guest(lab, true);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, 3 * SEC);
    host_goes_down(lab, true);
    expect_somebodys(lab);
}

static void
test_host_stays(Lab *lab, const void *data)
{
    run_guest(lab, true);
    host_goes_down(lab, true);
    host_goes_down(lab, false); /* it was called off */
    lab_qmp(lab, "POWERDOWN", NULL);
    expect_somebodys(lab);
}

static void
test_turned_off(Lab *lab, const void *data)
{
    run_guest(lab, false);
    host_goes_down(lab, true);
    lab_qmp(lab, "POWERDOWN", NULL);
    expect_somebodys(lab);
}

/* Both: what we asked explains it. */
static void
test_we_too(Lab *lab, const void *data)
{
    run_guest(lab, true);
    host_goes_down(lab, true);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_pass(lab, SEC);
    lab_stop(lab, "power-button:60s destroy");
    lab_be_pressed(lab, lab_expect_call(lab, VS_METHOD_POWER_BUTTON));
    lab_power_off(lab);
    lab_expect_record(lab, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    g_assert_nonnull(presser(lab));
    lab_expect_finished(lab, VS_OUTCOME_CLEAN, "power-button=went down");
}

/* A virtstopd that was restarted meanwhile remembers who pressed. */
static void
test_restart(Lab *lab, const void *data)
{
    run_guest(lab, true);
    host_goes_down(lab, true);
    lab_qmp(lab, "POWERDOWN", NULL);
    lab_restart(lab, SEC);
    lab_connect(lab);
    lab_pass(lab, 5 * SEC);
    expect_libvirts(lab);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    lab_add("/auto-shutdown/as-host-goes-down", test_as_host_goes_down);
    lab_add("/auto-shutdown/pressed-before", test_pressed_before);
    lab_add("/auto-shutdown/pressed-long-before", test_pressed_long_before);
    lab_add("/auto-shutdown/host-stays", test_host_stays);
    lab_add("/auto-shutdown/turned-off", test_turned_off);
    lab_add("/auto-shutdown/we-too", test_we_too);
    lab_add("/auto-shutdown/restart", test_restart);
    return g_test_run();
}

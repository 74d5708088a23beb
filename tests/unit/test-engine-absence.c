/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "vs-test.h"

/* Between when and when a run ended that nobody saw end, and who was away then. */

#define PAUSE (100 * SEC)

static const VsWindow *
last_window(Lab *lab)
{
    return &lab_last_record(lab)->window;
}

static void
expect_nobody(Lab *lab)
{
    g_assert_cmpint(last_window(lab)->away, ==, VS_AWAY_NOBODY);
    g_assert_cmpint(last_window(lab)->from, ==, 0);
}

static void
test_daemon_away(Lab *lab, const void *data)
{
    int64_t went;

    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    went = lab->now.real;
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_SHUTDOWN);
    lab_restart(lab, PAUSE);
    lab_connect(lab);
    lab_pass(lab, 70 * SEC);
    g_assert_cmpint(last_window(lab)->away, ==, VS_AWAY_VIRTSTOPD);
    g_assert_cmpint(last_window(lab)->from, ==, went);
    g_assert_cmpint(lab_last_record(lab)->time, >=, went + PAUSE);
}

/* ... and it runs again when we are back. */
static void
test_other_run(Lab *lab, const void *data)
{
    int64_t went;

    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    went = lab->now.real;
    lab->guest.domain.id = 7;
    lab_restart(lab, PAUSE);
    lab_connect(lab);
    g_assert_cmpint(last_window(lab)->away, ==, VS_AWAY_VIRTSTOPD);
    g_assert_cmpint(last_window(lab)->from, ==, went);
    lab_power_off(lab);
    expect_nobody(lab);
}

/* libvirt was away before us. */
static void
test_both_away(Lab *lab, const void *data)
{
    int64_t went;

    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    went = lab->now.real;
    lab_close(lab);
    lab_pass(lab, 5 * SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    lab_restart(lab, PAUSE);
    lab_connect(lab);
    lab_pass(lab, 70 * SEC);
    g_assert_cmpint(last_window(lab)->away, ==, VS_AWAY_VIRTSTOPD);
    g_assert_cmpint(last_window(lab)->from, ==, went);
}

static void
test_libvirt_away(Lab *lab, const void *data)
{
    int64_t went;

    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    went = lab->now.real;
    lab_close(lab);
    lab_pass(lab, 5 * SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    lab_open(lab);
    lab_pass(lab, 70 * SEC);
    g_assert_cmpint(last_window(lab)->away, ==, VS_AWAY_LIBVIRT);
    g_assert_cmpint(last_window(lab)->from, ==, went);
}

/* It lived through that, or its end is told. */
static void
test_seen(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    lab_close(lab);
    lab_pass(lab, 5 * SEC);
    lab_open(lab);
    lab_pass(lab, 5 * SEC);
    lab_power_off(lab);
    expect_nobody(lab);

    lab_boot(lab);
    lab_pass(lab, 20 * SEC);
    lab_close(lab);
    lab_open(lab);
    lab_pass(lab, 70 * SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    lab_answer_list(lab, lab->last_serial);
    lab_pass(lab, 70 * SEC);
    expect_nobody(lab);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    lab_add("/engine/absence/daemon-away", test_daemon_away);
    lab_add("/engine/absence/other-run", test_other_run);
    lab_add("/engine/absence/both-away", test_both_away);
    lab_add("/engine/absence/libvirt-away", test_libvirt_away);
    lab_add("/engine/absence/seen", test_seen);
    return g_test_run();
}

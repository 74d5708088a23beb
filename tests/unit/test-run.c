/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/run.h"

#include "vs-test.h"

/* The facts of a run, as they come and go. */

#define SEC INT64_C(1000000)
#define NOW (1000 * SEC)

/* One of each that is kept apart. */
static const VsMethod asking[] = {VS_METHOD_AGENT, VS_METHOD_POWER_BUTTON, VS_METHOD_SIGNAL};

static void
set_up(VsRun **ret, const void *data)
{
    VsUuid id = {.text = "11111111-2222-4333-8444-555555555501"};

    *ret = vs_run_new(id, 1);
}

static void
tear_down(VsRun **run, const void *data)
{
    vs_run_free(*run);
}

static void
ask_all(VsRun *run, int64_t at, int64_t expires)
{
    for (size_t i = 0; i < G_N_ELEMENTS(asking); i++)
        vs_run_asked(run, asking[i], i + 1, at, expires);
}

static void
expect_asked_until(const VsRun *run, int64_t end)
{
    const VsAsked *asked[] = {&run->agent, &run->button, &run->request};

    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        g_assert_true(vs_asked_by_us(asked[i], end - 1));
        g_assert_false(vs_asked_by_us(asked[i], end));
    }
}

/* As long as the stop goes on; what was asked before that isn't its. */
static void
test_prolong(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_prolong(run, 0, NOW);
    g_assert_false(vs_asked_by_us(&run->agent, 0));
    ask_all(run, NOW, NOW + 100 * SEC);
    expect_asked_until(run, NOW + 100 * SEC);
    vs_run_prolong(run, NOW, NOW + 200 * SEC);
    expect_asked_until(run, NOW + 200 * SEC);
    vs_run_prolong(run, NOW + 1, NOW + 300 * SEC);
    vs_run_prolong(run, NOW, NOW + 150 * SEC);
    expect_asked_until(run, NOW + 200 * SEC);
    vs_run_let_expire(run, NOW + 150 * SEC);
    expect_asked_until(run, NOW + 150 * SEC);
    vs_run_let_expire(run, NOW + 160 * SEC);
    expect_asked_until(run, NOW + 150 * SEC);
}

/* What the guest is known not to have heard explains nothing. */
static void
test_unheard(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    ask_all(run, NOW, NOW + 100 * SEC);
    run->agent.heard = VS_HEARD_NO;
    g_assert_false(vs_asked_by_us(&run->agent, NOW + SEC));
    run->agent.heard = VS_HEARD_PERHAPS;
    g_assert_true(vs_asked_by_us(&run->agent, NOW + SEC));
}

/* Of more than one press that of the first is kept, as long as ours stands. */
static void
test_first(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_asked(run, VS_METHOD_POWER_BUTTON, 1, NOW, NOW + 20 * SEC);
    vs_run_asked(run, VS_METHOD_POWER_BUTTON, 2, NOW + 5 * SEC, NOW + 25 * SEC);
    g_assert_cmpint(run->button.first, ==, NOW);
    g_assert_cmpint(run->button.at, ==, NOW + 5 * SEC);
    vs_run_asked(run, VS_METHOD_POWER_BUTTON, 3, NOW + 25 * SEC, NOW + 45 * SEC);
    g_assert_cmpint(run->button.first, ==, NOW + 25 * SEC);
    run->button.by = VS_ASKED_BY_SOMEBODY;
    vs_run_asked(run, VS_METHOD_POWER_BUTTON, 4, NOW + 26 * SEC, NOW + 45 * SEC);
    g_assert_cmpint(run->button.first, ==, NOW + 26 * SEC);
}

static void
test_find_asked(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    g_assert_null(vs_run_find_asked(run, 0));
    ask_all(run, NOW, NOW + 100 * SEC);
    g_assert_true(vs_run_find_asked(run, 1) == &run->agent);
    g_assert_true(vs_run_find_asked(run, 2) == &run->button);
    g_assert_true(vs_run_find_asked(run, 3) == &run->request);
    g_assert_null(vs_run_find_asked(run, 4));
    run->button.by = VS_ASKED_BY_SOMEBODY;
    g_assert_null(vs_run_find_asked(run, 2));
    vs_run_heard_late(run, 3, NOW + 5 * SEC);
    vs_run_heard_late(run, 2, NOW + 5 * SEC);
    g_assert_cmpint(run->request.at, ==, NOW + 5 * SEC);
    g_assert_cmpint(run->button.at, ==, NOW);
    run->agent.heard = VS_HEARD_YES; /* before */
    vs_run_heard_late(run, 1, NOW + 5 * SEC);
    g_assert_cmpint(run->agent.at, ==, NOW);
}

static void
test_take_back(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    ask_all(run, NOW, NOW + 100 * SEC);
    for (size_t i = 0; i < G_N_ELEMENTS(asking); i++) {
        g_assert_true(vs_run_was_asked(run, asking[i]));
        vs_run_take_back(run, asking[i], true);
        g_assert_true(vs_run_was_asked(run, asking[i]));
    }
    g_assert_true(run->agent.doubtful && run->button.doubtful && run->request.doubtful);
    for (size_t i = 0; i < G_N_ELEMENTS(asking); i++) {
        vs_run_take_back(run, asking[i], false);
        g_assert_false(vs_run_was_asked(run, asking[i]));
    }
    g_assert_false(run->agent.doubtful || run->button.doubtful || run->request.doubtful);
}

/* Somebody else's press stands again where ours doesn't come. */
static void
test_others(VsRun **runs, const void *data)
{
    static const VsAsker others[] = {VS_ASKED_BY_SOMEBODY, VS_ASKED_BY_LIBVIRT};
    VsRun *run = *runs;

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        run->button = (VsAsked){.by = others[i], .at = NOW, .expires = NOW + 100 * SEC};
        vs_run_asked(run, VS_METHOD_POWER_BUTTON, 1, NOW + SEC, NOW + 100 * SEC);
        vs_run_asked(run, VS_METHOD_POWER_BUTTON, 2, NOW + 2 * SEC, NOW + 100 * SEC);
        g_assert_cmpint(run->button.by, ==, VS_ASKED_BY_US);
        vs_run_take_back(run, VS_METHOD_POWER_BUTTON, false);
        g_assert_cmpint(run->button.by, ==, others[i]);
        g_assert_cmpint(run->button.at, ==, NOW);
    }
}

/* ... or where its time is over, but not before. */
static void
test_others_outlive(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    for (int i = 0; i < 3; i++) {
        run->button = (VsAsked){.by = VS_ASKED_BY_SOMEBODY, .at = NOW, .expires = NOW + 100 * SEC};
        vs_run_asked(run, VS_METHOD_POWER_BUTTON, 1, NOW + SEC, NOW + 10 * SEC);
        g_assert_cmpint(run->button.by, ==, VS_ASKED_BY_US);
        if (i == 0)
            vs_run_let_expire(run, NOW + 3 * SEC);
        else if (i == 1)
            vs_run_gap(run, NOW + 11 * SEC);
        else
            vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW + 11 * SEC);
        g_assert_cmpint(run->button.by, ==, VS_ASKED_BY_SOMEBODY);
        g_assert_cmpint(run->button.at, ==, NOW);
    }
}

static void
test_ended(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    g_assert_false(vs_run_was_asked(run, VS_METHOD_DESTROY));
    g_assert_false(vs_run_was_asked(run, VS_METHOD_TERMINATE));
    g_assert_true(vs_run_was_asked(run, VS_METHOD_SAVE));
    vs_run_asked(run, VS_METHOD_TERMINATE, 1, NOW, 0);
    g_assert_true(vs_run_was_asked(run, VS_METHOD_TERMINATE));
    g_assert_false(vs_run_was_asked(run, VS_METHOD_DESTROY));
    vs_run_take_back(run, VS_METHOD_TERMINATE, true);
    g_assert_true(vs_run_was_asked(run, VS_METHOD_TERMINATE));
    vs_run_take_back(run, VS_METHOD_TERMINATE, false);
    g_assert_false(vs_run_was_asked(run, VS_METHOD_TERMINATE));
    vs_run_asked(run, VS_METHOD_DESTROY, 1, NOW, 0);
    g_assert_true(vs_run_was_asked(run, VS_METHOD_DESTROY));
    vs_run_take_back(run, VS_METHOD_DESTROY, false);
    g_assert_true(vs_run_was_asked(run, VS_METHOD_DESTROY)); /* it may have come all the same */
}

/* The first SHUTDOWN decides; only its lifecycle event that was quicker gives way to QMP's. */
static void
test_shutdown(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, false, NOW);
    g_assert_cmpint(run->first_sign, ==, NOW);
    g_assert_false(run->shutdown_exact);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_HOST_SIGNAL, true, NOW + 1);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_GUEST);
    g_assert_false(run->shutdown_exact);
    g_assert_true(run->reaped);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST_PANIC, true, NOW + 2);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_GUEST_PANIC);
    g_assert_true(run->shutdown_exact);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW + 3);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_GUEST_PANIC);
    g_assert_cmpint(run->first_sign, ==, NOW);
}

static void
test_host_shutdown(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_shutdown(run, VS_SHUTDOWN_REASON_HOST, false, NOW);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW + 1);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_HOST);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_HOST_QUIT, false, NOW + 1);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_HOST);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_HOST_SIGNAL, true, NOW + 2);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_HOST_SIGNAL);
    g_assert_false(run->reaped);
}

/* A guest that has lived through a panic for a minute didn't begin to end then. */
static void
test_panic(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_panicked(run, NOW);
    g_assert_cmpint(run->first_sign, ==, NOW);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW + 60 * SEC);
    g_assert_cmpint(run->first_sign, ==, NOW);
    vs_run_rebooted(run, true, NOW + 70 * SEC);
    g_assert_false(run->panicked);
    vs_run_panicked(run, NOW + 100 * SEC);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW + 160 * SEC + 1);
    g_assert_cmpint(run->first_sign, ==, NOW + 160 * SEC + 1);
    vs_run_lives_on(run);
    g_assert_false(run->panicked);
    g_assert_cmpint(run->first_sign, ==, NOW + 160 * SEC + 1);
    vs_run_rebooted(run, true, NOW + 170 * SEC);
    vs_run_panicked(run, NOW + 180 * SEC);
    vs_run_lives_on(run);
    g_assert_cmpint(run->first_sign, ==, 0);
}

static void
test_watchdog(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_watchdog(run, VS_WATCHDOG_RESET, NOW);
    g_assert_cmpint(run->first_sign, ==, 0);
    g_assert_cmpint(run->watchdog_at, ==, NOW);
    vs_run_watchdog(run, VS_WATCHDOG_POWEROFF, NOW + 1);
    g_assert_cmpint(run->first_sign, ==, NOW + 1);
    g_assert_cmpint(run->watchdog, ==, VS_WATCHDOG_POWEROFF);
}

/* An attempt is over: what belonged to it is forgotten, what belongs to the run stays. */
static void
test_rebooted(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    ask_all(run, NOW, NOW + 100 * SEC);
    run->others.by = VS_ASKED_BY_SOMEBODY;
    run->press_told = run->panicked = run->destroy_called = run->terminated = true;
    run->kept = run->lives_on = run->held = run->dead = true;
    run->has_qmp = run->agent_seen = true;
    run->port_closed_at = NOW;
    run->past_request = json_object_new_object();
    run->candidates = json_object_new_array();
    run->candidates_asked = run->candidates_at = NOW;
    vs_run_watchdog(run, VS_WATCHDOG_PAUSE, NOW);
    vs_circumstances_hibernates(&run->circumstances);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_HOST_SIGNAL, true, NOW);
    vs_run_rebooted(run, false, NOW + SEC);

    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_NONE);
    g_assert_cmpint(run->first_sign, ==, 0);
    g_assert_false(run->shutdown_exact || run->press_told || run->panicked || run->destroy_called);
    g_assert_false(run->terminated || run->reaped || run->kept || run->lives_on || run->held);
    g_assert_false(run->dead || run->circumstances.hibernated);
    g_assert_cmpint(run->agent.by + run->button.by + run->request.by + run->others.by, ==, 0);
    g_assert_cmpint(run->port_closed_at, ==, 0);
    g_assert_cmpint(run->watchdog, ==, VS_WATCHDOG_NONE);
    g_assert_null(run->past_request);
    g_assert_null(run->candidates);
    g_assert_cmpint(run->candidates_asked + run->candidates_at, ==, 0);
    g_assert_cmpuint(run->attempt, ==, 1);
    g_assert_true(run->has_qmp && run->agent_seen);

    g_assert_true(run->reboot.down && run->reboot.off && run->reboot.ends && run->reboot.exact);
    g_assert_true(run->reboot.press_told);
    g_assert_cmpint(run->reboot.agent.by, ==, VS_ASKED_BY_US);
    g_assert_cmpint(run->reboot.button.by, ==, VS_ASKED_BY_US);
    g_assert_cmpint(run->reboot.request.by, ==, VS_ASKED_BY_US);
    g_assert_cmpint(run->reboot.at, ==, NOW + SEC);
}

static void
expect_down(VsRun *run, bool by_guest, int64_t at, bool down)
{
    vs_run_rebooted(run, by_guest, at);
    g_assert_cmpint(run->reboot.at, ==, at);
    g_assert_cmpint(run->reboot.down, ==, down);
    g_assert_false(run->reboot.off || run->reboot.ends);
}

/* A reboot that follows what we asked is what became of that, by its own doing. */
static void
test_came_down(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    expect_down(run, true, NOW, false); /* nobody had asked */
    for (size_t i = 0; i < G_N_ELEMENTS(asking); i++) {
        int64_t at = NOW + ((int64_t)i + 1) * 100 * SEC;

        vs_run_asked(run, asking[i], 1, at, at + 50 * SEC);
        expect_down(run, true, at + SEC, true);
    }
    ask_all(run, NOW + 500 * SEC, NOW + 600 * SEC);
    expect_down(run, false, NOW + 501 * SEC, false); /* somebody reset it */
    ask_all(run, NOW + 600 * SEC, NOW + 700 * SEC);
    vs_run_panicked(run, NOW + 601 * SEC);
    expect_down(run, true, NOW + 601 * SEC, false);
    ask_all(run, NOW + 700 * SEC, NOW + 800 * SEC);
    vs_run_watchdog(run, VS_WATCHDOG_RESET, NOW + 701 * SEC);
    expect_down(run, true, NOW + 703 * SEC - 1, false);
    ask_all(run, NOW + 800 * SEC, NOW + 900 * SEC);
    vs_run_watchdog(run, VS_WATCHDOG_RESET, NOW + 801 * SEC);
    expect_down(run, true, NOW + 803 * SEC, true);
}

/* Firmware resets the machine as it starts: that is no other reboot. */
static void
test_firmware(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_rebooted(run, true, NOW);
    vs_run_rebooted(run, true, NOW + 5 * SEC - 1);
    g_assert_cmpint(run->reboot.at, ==, NOW);
    vs_run_rebooted(run, true, NOW + 5 * SEC);
    g_assert_cmpint(run->reboot.at, ==, NOW + 5 * SEC);

    /* It is one where it was asked, or powered off, meanwhile. */
    vs_run_asked(run, VS_METHOD_AGENT, 1, NOW + 6 * SEC, NOW + 90 * SEC);
    vs_run_rebooted(run, true, NOW + 7 * SEC);
    g_assert_cmpint(run->reboot.at, ==, NOW + 7 * SEC);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW + 8 * SEC);
    vs_run_rebooted(run, true, NOW + 8 * SEC);
    g_assert_cmpint(run->reboot.at, ==, NOW + 8 * SEC);
}

/* libvirt starts it anew, and the word for that comes behind the signal by which we end it. */
static void
test_being_ended(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW);
    vs_run_asked(run, VS_METHOD_DESTROY, 1, NOW, 0);
    vs_run_rebooted(run, false, NOW);
    g_assert_true(run->reboot.ends);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_HOST_SIGNAL, true, NOW + SEC);
    vs_run_resumed(run, NOW + 2 * SEC);
    g_assert_true(run->reboot.ends);
    g_assert_cmpint(run->reboot.at, ==, NOW);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_HOST_SIGNAL, true, NOW + 3 * SEC);
    vs_run_resumed(run, NOW + 5 * SEC);
    g_assert_false(run->reboot.ends);
    g_assert_cmpint(run->reboot.at, ==, NOW + 5 * SEC);
}

static void
test_resumed(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    ask_all(run, NOW, NOW + 100 * SEC);
    vs_run_panicked(run, NOW);
    run->dead = true;
    vs_run_resumed(run, NOW + SEC);
    g_assert_false(run->panicked || run->dead);
    g_assert_cmpint(run->first_sign, ==, 0);
    g_assert_cmpuint(run->attempt, ==, 0);
    g_assert_cmpint(run->agent.by, ==, VS_ASKED_BY_US);
    vs_run_kept(run, NOW + 2 * SEC);
    g_assert_true(run->kept);
    g_assert_cmpint(run->shutdown, ==, VS_SHUTDOWN_REASON_GUEST);
    g_assert_false(run->shutdown_exact);
    vs_run_resumed(run, NOW + 3 * SEC);
    g_assert_cmpuint(run->attempt, ==, 1);
    g_assert_true(run->reboot.off);
}

/* libvirt begins its system anew in another process: by on_reboot, or by on_poweroff. */
static void
test_recreated(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    ask_all(run, NOW, NOW + 100 * SEC);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST_RESET, true, NOW + SEC);
    vs_run_recreated(run, NOW + SEC);
    g_assert_true(run->reboot.down);
    g_assert_false(run->reboot.off);
    ask_all(run, NOW + 20 * SEC, NOW + 100 * SEC);
    vs_run_recreated(run, NOW + 21 * SEC);
    g_assert_false(run->reboot.down);
}

static void
test_gap(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_started(run, true, NOW);
    g_assert_cmpint(vs_run_watched_since(run), ==, 0);
    vs_run_started(run, false, NOW);
    g_assert_cmpint(vs_run_watched_since(run), ==, NOW);
    ask_all(run, NOW, NOW + 100 * SEC);
    vs_run_found(run, VS_STATE_RUNNING);
    g_assert_true(run->sound);
    vs_run_gap(run, NOW + SEC);
    g_assert_false(run->sound);
    g_assert_true(run->agent.doubtful && run->button.doubtful && run->request.doubtful);
    vs_run_gap(run, NOW + 2 * SEC);
    g_assert_cmpint(run->gap_at, ==, NOW + SEC);
    g_assert_cmpint(vs_run_watched_since(run), ==, NOW + 2 * SEC);
    vs_run_found(run, VS_STATE_CRASHED);
    g_assert_true(run->panicked);
    g_assert_false(run->sound);
    vs_run_found(run, VS_STATE_PAUSED);
    g_assert_true(run->panicked && run->sound);
    vs_run_found(run, VS_STATE_RUNNING);
    g_assert_false(run->panicked);
    vs_run_started(run, true, NOW + 3 * SEC);
    g_assert_cmpint(run->gap_at, ==, 0);
    g_assert_cmpint(vs_run_watched_since(run), ==, 0);
}

/* On a host that has just booted, the clock's 0 is a time. */
static void
test_boot(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_started(run, false, 0);
    g_assert_cmpint(vs_run_watched_since(run), >, 0);
    vs_run_started(run, true, 0);
    vs_run_gap(run, 0);
    g_assert_cmpint(run->gap_at, >, 0);
    g_assert_cmpint(vs_run_watched_since(run), >, 0);
}

/* By QMP the press comes before what it brings. */
static void
test_press_told(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, true, NOW);
    vs_run_press_told(run);
    g_assert_false(run->press_told);
    vs_run_rebooted(run, true, NOW + 10 * SEC);
    vs_run_shutdown(run, VS_SHUTDOWN_REASON_GUEST, false, NOW + 20 * SEC);
    vs_run_press_told(run);
    g_assert_true(run->press_told);
    vs_run_rebooted(run, true, NOW + 30 * SEC);
    vs_run_press_told(run);
    g_assert_true(run->press_told);
}

static void
test_port(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_port_closed(run, NOW);
    g_assert_true(run->port_closed);
    g_assert_cmpint(run->port_closed_at, ==, NOW);
    vs_run_asked(run, VS_METHOD_POWER_BUTTON, 1, NOW, NOW + SEC);
    g_assert_true(run->port_closed);
    vs_run_asked(run, VS_METHOD_AGENT, 2, NOW, NOW + SEC);
    g_assert_false(run->port_closed);
}

/* An agent that goes down with its system may be gone before it was seen to have heard. */
static void
test_port_soon(VsRun **runs, const void *data)
{
    static const struct {
        int64_t after;
        VsHeard was, is;
    } cases[] = {
        {VS_RUN_NEAR - 1, VS_HEARD_NO, VS_HEARD_PERHAPS},
        {VS_RUN_NEAR, VS_HEARD_NO, VS_HEARD_NO},
        {SEC, VS_HEARD_YES, VS_HEARD_YES},
        {SEC, VS_HEARD_PERHAPS, VS_HEARD_PERHAPS},
    };
    VsRun *run = *runs;

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        vs_run_asked(run, VS_METHOD_AGENT, 1, NOW, NOW + 60 * SEC);
        run->agent.heard = cases[i].was;
        vs_run_port_closed(run, NOW + cases[i].after);
        g_assert_cmpint(run->agent.heard, ==, cases[i].is);
    }
}

static void
test_witness(VsRun **runs, const void *data)
{
    VsRun *run = *runs;

    vs_run_witness_lifecycle(run, 1700000000 * SEC, VS_LIFECYCLE_STOPPED, VS_STOPPED_CRASHED);
    g_assert_cmpstr(vs_json_line(run->evidence), ==,
                    "[{\"time\":\"2023-11-14T22:13:20.000000Z\",\"source\":\"libvirt\","
                    "\"event\":\"lifecycle\",\"type\":\"stopped\",\"detail\":\"crashed\"}]");
}

static void
test_over(VsRun **runs, const void *data)
{
    static const bool over[VS_N_RUN_PHASES] = {
        [VS_RUN_ENDED] = true, [VS_RUN_READING] = true, [VS_RUN_RECORDING] = true};

    for (VsRunPhase phase = 0; phase < VS_N_RUN_PHASES; phase++) {
        (*runs)->phase = phase;
        g_assert_cmpint(vs_run_is_over(*runs), ==, over[phase]);
    }
}

static void
add(const char *name, void (*test)(VsRun **runs, const void *data))
{
    g_test_add(name, VsRun *, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    add("/run/prolong", test_prolong);
    add("/run/unheard", test_unheard);
    add("/run/first", test_first);
    add("/run/find-asked", test_find_asked);
    add("/run/take-back", test_take_back);
    add("/run/others", test_others);
    add("/run/others-outlive", test_others_outlive);
    add("/run/ended", test_ended);
    add("/run/shutdown", test_shutdown);
    add("/run/host-shutdown", test_host_shutdown);
    add("/run/panic", test_panic);
    add("/run/watchdog", test_watchdog);
    add("/run/rebooted", test_rebooted);
    add("/run/came-down", test_came_down);
    add("/run/firmware", test_firmware);
    add("/run/being-ended", test_being_ended);
    add("/run/resumed", test_resumed);
    add("/run/recreated", test_recreated);
    add("/run/gap", test_gap);
    add("/run/boot", test_boot);
    add("/run/press-told", test_press_told);
    add("/run/port", test_port);
    add("/run/port-soon", test_port_soon);
    add("/run/witness", test_witness);
    add("/run/over", test_over);
    return g_test_run();
}

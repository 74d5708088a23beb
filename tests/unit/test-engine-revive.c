/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "engine-lab.h"
#include "engine/revival.h"
#include "util/json.h"
#include "vs-test.h"

/* Restart=: who is started again, who isn't, and how often. */

static const char term_line[] = "2026-11-22T10:00:00.000000Z qemu-system-x86_64: terminating on "
                                "signal 15 from pid 77 (bash)";
static const char reason_line[] = "2026-11-22 10:00:00.000+0000: shutting down, reason=shutdown";

/* The test's data is no ladder. */
static void
set_up(Lab *lab, const void *data)
{
    lab_set_up(lab, NULL);
}

static void
use(Lab *lab, VsRestartWhen when)
{
    lab->policy.all.restart = when;
    vs_engine_set_policy(lab->engine, &lab->policy);
}

/* QEMU is killed by SIGKILL. */
static void
be_killed(Lab *lab)
{
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_CRASHED;
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_FAILED);
    lab->guest.domain.id = -1;
}

/* It is started again, and was killed since. */
static void
live_and_die(Lab *lab)
{
    uint64_t call;

    lab_pass(lab, 2 * SEC);
    call = lab_expect_call(lab, VS_METHOD_START);
    lab_boot(lab);
    lab_reply_ok(lab, call);
    g_assert_cmpint(lab_guest(lab)->revival.phase, ==, VS_REVIVAL_NONE);
    be_killed(lab);
}

static void
expect_off(Lab *lab)
{
    lab_pass(lab, 60 * SEC);
    lab_expect_no_call(lab);
}

static void
test_killed(Lab *lab, const void *data)
{
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    be_killed(lab);
    lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
    live_and_die(lab);
    lab_expect_note(lab, "started again");
    live_and_die(lab);
}

/* What its metadata said of that holds until it is read as the guest starts, also where somebody
 * defines it anew meanwhile. */
static void
test_defined_meanwhile(Lab *lab, const void *data)
{
    static const char *const said[] = {"Restart=on-failure", NULL};

    vs_labels_unref(lab->labels);
    lab->labels = vs_labels_new(NULL, "", "", said);
    lab_run_guest(lab);
    be_killed(lab);
    lab_lifecycle(lab, VS_LIFECYCLE_DEFINED, 1);
    lab_pass(lab, SEC);
    lab_expect_call(lab, VS_METHOD_START);
}

static void
test_default(Lab *lab, const void *data)
{
    lab_run_guest(lab);
    be_killed(lab);
    expect_off(lab);
    g_assert_null(lab->saved);
}

static void
test_powers_off(Lab *lab, const void *data)
{
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    lab_power_off(lab);
    expect_off(lab);
}

static void
test_powers_off_always(Lab *lab, const void *data)
{
    use(lab, VS_RESTART_ALWAYS);
    lab_run_guest(lab);
    lab_power_off(lab);
    lab_pass(lab, 2 * SEC);
    lab_expect_call(lab, VS_METHOD_START);
}

/* SIGTERM: systemd counts it as clean, so it is one for "always" only. */
static void
test_sigterm(Lab *lab, const void *data)
{
    const VsRestartWhen *when = data;
    char *log[] = {(char *)term_line, (char *)reason_line, NULL};

    use(lab, *when);
    lab_run_guest(lab);
    lab->log = log;
    lab_qmp(lab, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-signal\"}");
    lab_be_reaped(lab);
    if (*when == VS_RESTART_ALWAYS) {
        lab_pass(lab, 2 * SEC);
        lab_expect_call(lab, VS_METHOD_START);
    } else {
        expect_off(lab);
    }
}

static void
test_destroyed(Lab *lab, const void *data)
{
    use(lab, VS_RESTART_ALWAYS);
    lab_run_guest(lab);
    lab_be_destroyed(lab);
    expect_off(lab);
}

/* A stop of ours was in flight, whatever it died of then. */
static void
test_stopped(Lab *lab, const void *data)
{
    use(lab, VS_RESTART_ALWAYS);
    lab_run_guest(lab);
    lab_stop(lab, "power-button:60s leave");
    lab_expect_call(lab, VS_METHOD_POWER_BUTTON);
    be_killed(lab);
    expect_off(lab);
}

static void
test_host_shutdown(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_HOST_SHUTDOWN, .host_shutdown.active = true};

    use(lab, VS_RESTART_ALWAYS);
    lab_run_guest(lab);
    if (data) { /* it was due already */
        be_killed(lab);
        lab_step(lab, &event, NULL);
    } else {
        lab_step(lab, &event, NULL);
        be_killed(lab);
    }
    expect_off(lab);
    lab_expect_note(lab, "the host goes down");
}

static void
test_transient(Lab *lab, const void *data)
{
    lab->guest.persistent = false;
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    lab_be_gone(lab, VS_STATE_GONE, 0);
    lab_lifecycle(lab, VS_LIFECYCLE_STOPPED, VS_STOPPED_FAILED);
    lab_expect_note(lab, "transient");
    expect_off(lab);
}

static void
test_limit(Lab *lab, const void *data)
{
    lab->policy.all.start_limit_burst = 2;
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    be_killed(lab);
    live_and_die(lab);
    live_and_die(lab);
    lab_expect_note(lab, "which is the limit");
    expect_off(lab);
    g_assert_cmpint(lab_guest(lab)->revival.phase, ==, VS_REVIVAL_LIMIT);
    lab_boot(lab); /* by a person */
    g_assert_cmpint(lab_guest(lab)->revival.phase, ==, VS_REVIVAL_NONE);
    be_killed(lab);
    expect_off(lab); /* the count goes on */
    lab_boot(lab);
    lab_pass(lab, 600 * SEC);
    be_killed(lab);
    live_and_die(lab);
}

/* A libvirt that can't start it: as systemd, a start that fails is tried again, and counts. */
static void
test_start_fails(Lab *lab, const void *data)
{
    lab->policy.all.start_limit_burst = 2;
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    be_killed(lab);
    for (int i = 0; i < 2; i++) {
        lab_pass(lab, 2 * SEC);
        lab_reply_error(lab, lab_expect_call(lab, VS_METHOD_START), VS_LIBVIRT_INTERNAL_ERROR, SEC);
    }
    lab_expect_note(lab, "can't be started again");
    lab_expect_note(lab, "which is the limit");
    expect_off(lab);
}

/* The connection breaks under the start: it is made again when there is one, and counts once. */
static void
test_start_lost(Lab *lab, const void *data)
{
    uint64_t call;

    lab->policy.all.start_limit_burst = 1;
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    be_killed(lab);
    lab_pass(lab, 2 * SEC);
    call = lab_expect_call(lab, VS_METHOD_START);
    lab_close(lab);
    lab_reply_lost(lab, call);
    lab_pass(lab, 100 * SEC);
    lab_expect_no_call(lab);
    lab_connect(lab);
    lab_pass(lab, 2 * SEC);
    lab_expect_call(lab, VS_METHOD_START);
}

/* Somebody was quicker. */
static void
test_runs_already(Lab *lab, const void *data)
{
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    be_killed(lab);
    lab_boot(lab);
    expect_off(lab);
}

/* A restart of virtstopd: what was due is, and the count stands. */
static void
test_taken_over(Lab *lab, const void *data)
{
    lab->policy.all.start_limit_burst = 2;
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    be_killed(lab);
    lab_restart(lab, 1 * SEC);
    lab_pass(lab, 10 * SEC);
    lab_expect_no_call(lab); /* libvirt isn't there yet */
    lab_connect(lab);
    live_and_die(lab);
    lab_restart(lab, 1 * SEC);
    lab_connect(lab);
    live_and_die(lab);
    lab_restart(lab, 1 * SEC);
    lab_connect(lab);
    g_assert_cmpint(lab_guest(lab)->revival.phase, ==, VS_REVIVAL_LIMIT);
    expect_off(lab);
}

/* The caller owns it. */
static char *
record_line(const VsRecord *record)
{
    g_autoptr(json_object) object = vs_record_to_json(record, "boot");

    return g_strdup(vs_json_line(object));
}

/* The same, as the run's record was being written: what was kept of it may be from before it was
 * judged, and the record be on disk all the same. */
static void
test_taken_over_recording(Lab *lab, const void *data)
{
    const char *when = data;
    bool before = g_str_equal(when, "before"), written = !g_str_equal(when, "unwritten");
    g_autofree char *state = NULL, *line = NULL;
    VsEvent event = {.type = VS_EVENT_TAKE_OVER, .domain = &lab->guest.domain};

    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    state = before ? g_strdup(lab->saved) : NULL;
    lab->disk_hangs = true;
    be_killed(lab);
    lab->disk_hangs = false;
    if (!before)
        state = g_strdup(lab->saved);
    line = record_line(lab_last_record(lab));
    g_clear_pointer(&lab->saved, g_free);
    lab_restart(lab, 1 * SEC);
    event.take_over.state = state;
    event.take_over.record = written ? line : NULL;
    g_assert_true(lab_step(lab, &event, NULL));
    lab_connect(lab);
    lab_pass(lab, 2 * SEC);
    lab_expect_call(lab, VS_METHOD_START);
    g_assert_cmpuint(lab_guest(lab)->revival.n, ==, 1);
}

/* Nobody saw it die: its record says crashed, likely. */
static void
test_unseen(Lab *lab, const void *data)
{
    use(lab, VS_RESTART_ON_FAILURE);
    lab_run_guest(lab);
    lab_close(lab);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.reason = VS_SHUTOFF_CRASHED;
    lab->guest.domain.id = -1;
    lab_connect(lab);
    lab_pass(lab, 20 * SEC);
    lab_expect_record(lab, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
    lab_expect_call(lab, VS_METHOD_START);
}

/* Each cause, by itself. */
static void
test_causes(Lab *lab, const void *data)
{
    static const struct {
        VsCause cause;
        int signal;
        bool on_failure, always;
    } rows[] = {
        {VS_CAUSE_UNKNOWN, 0, false, true},        {VS_CAUSE_GUEST_INITIATED, 0, false, true},
        {VS_CAUSE_GUEST_AGENT, 0, false, false},   {VS_CAUSE_POWER_BUTTON, 0, false, false},
        {VS_CAUSE_GUEST_REQUEST, 0, false, false}, {VS_CAUSE_GUEST_REBOOT, 0, false, true},
        {VS_CAUSE_HOST_SIGNAL, 1, false, true},    {VS_CAUSE_HOST_SIGNAL, 2, false, true},
        {VS_CAUSE_HOST_SIGNAL, 15, false, true},   {VS_CAUSE_HOST_SIGNAL, 3, true, true},
        {VS_CAUSE_HOST_SIGNAL, 0, false, true},    {VS_CAUSE_MONITOR_QUIT, 0, false, false},
        {VS_CAUSE_DESTROYED, 0, false, false},     {VS_CAUSE_GUEST_PANIC, 0, true, true},
        {VS_CAUSE_WATCHDOG, 0, true, true},        {VS_CAUSE_CRASHED, 0, true, true},
        {VS_CAUSE_SAVED, 0, false, false},         {VS_CAUSE_MIGRATED, 0, false, false},
        {VS_CAUSE_START_FAILED, 0, false, false},  {VS_CAUSE_SNAPSHOT_REVERTED, 0, false, false},
        {VS_CAUSE_HOST_FAILURE, 0, false, false},  {VS_CAUSE_OUT_OF_MEMORY, 9, true, true},
        {VS_CAUSE_HOST_SIGNAL, 9, true, true},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        VsRevival revival = {.cause = rows[i].cause, .signal = rows[i].signal};

        vs_test_note(vs_cause_name(revival.cause));
        g_assert_false(vs_revival_is_wanted(&revival, VS_RESTART_NO));
        g_assert_cmpint(vs_revival_is_wanted(&revival, VS_RESTART_ON_FAILURE), ==,
                        rows[i].on_failure);
        g_assert_cmpint(vs_revival_is_wanted(&revival, VS_RESTART_ALWAYS), ==, rows[i].always);
        revival.asked = true;
        g_assert_false(vs_revival_is_wanted(&revival, VS_RESTART_ALWAYS));
    }
}

static void
test_damaged(Lab *lab, const void *data)
{
    VsEvent event = {.type = VS_EVENT_TAKE_OVER, .domain = &lab->guest.domain};
    g_autoptr(GError) error = NULL;

    event.take_over.state = "{\"schema\":2,\"revival\":{\"phase\":\"perhaps\"}}";
    g_assert_false(lab_step(lab, &event, &error));
    g_assert_nonnull(strstr(error->message, "perhaps"));
}

int
main(int argc, char **argv)
{
    static const VsRestartWhen on_failure = VS_RESTART_ON_FAILURE, always = VS_RESTART_ALWAYS;

    vs_test_init(&argc, &argv);
    lab_add("/revive/killed", test_killed);
    lab_add("/revive/defined-meanwhile", test_defined_meanwhile);
    lab_add("/revive/default", test_default);
    lab_add("/revive/powers-off", test_powers_off);
    lab_add("/revive/powers-off-always", test_powers_off_always);
    g_test_add("/revive/sigterm", Lab, &on_failure, set_up, test_sigterm, lab_tear_down);
    g_test_add("/revive/sigterm-always", Lab, &always, set_up, test_sigterm, lab_tear_down);
    lab_add("/revive/destroyed", test_destroyed);
    lab_add("/revive/stopped", test_stopped);
    lab_add("/revive/host-shutdown", test_host_shutdown);
    g_test_add("/revive/host-shutdown-when-due", Lab, "due", set_up, test_host_shutdown,
               lab_tear_down);
    lab_add("/revive/transient", test_transient);
    lab_add("/revive/limit", test_limit);
    lab_add("/revive/start-fails", test_start_fails);
    lab_add("/revive/start-lost", test_start_lost);
    lab_add("/revive/runs-already", test_runs_already);
    lab_add("/revive/taken-over", test_taken_over);
    g_test_add("/revive/taken-over-recording", Lab, "unwritten", set_up, test_taken_over_recording,
               lab_tear_down);
    g_test_add("/revive/taken-over-recorded", Lab, "written", set_up, test_taken_over_recording,
               lab_tear_down);
    g_test_add("/revive/taken-over-unjudged", Lab, "before", set_up, test_taken_over_recording,
               lab_tear_down);
    lab_add("/revive/unseen", test_unseen);
    lab_add("/revive/causes", test_causes);
    lab_add("/revive/damaged", test_damaged);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-lab.h"
#include "util/wallclock.h"
#include "vs-test.h"

/* Between when and when a run ended that nobody saw end, and who was away then. */

#define PAUSE (100 * SEC)

static const VsWindow *
last_window(Lab *lab)
{
    return &lab_last_record(lab)->window;
}

static void
expect_window(Lab *lab, VsAway away, int64_t from)
{
    g_assert_cmpint(last_window(lab)->away, ==, away);
    g_assert_cmpint(last_window(lab)->from, ==, from);
}

static void
expect_nobody(Lab *lab)
{
    expect_window(lab, VS_AWAY_NOBODY, 0);
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
    expect_window(lab, VS_AWAY_VIRTSTOPD, went);
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
    expect_window(lab, VS_AWAY_VIRTSTOPD, went);
    lab_power_off(lab);
    expect_nobody(lab);
}

/* libvirt goes away, and then the guest; realtime µs: when libvirt went. */
static int64_t
be_gone_while_away(Lab *lab)
{
    int64_t went;

    lab_run_guest(lab);
    lab_pass(lab, 20 * SEC);
    went = lab->now.real;
    lab_close(lab);
    lab_pass(lab, 5 * SEC);
    lab_be_gone(lab, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    return went;
}

/* libvirt was away before us. */
static void
test_both_away(Lab *lab, const void *data)
{
    int64_t went = be_gone_while_away(lab);

    lab_restart(lab, PAUSE);
    lab_connect(lab);
    lab_pass(lab, 70 * SEC);
    expect_window(lab, VS_AWAY_VIRTSTOPD, went);
}

static void
test_libvirt_away(Lab *lab, const void *data)
{
    int64_t went = be_gone_while_away(lab);

    lab_open(lab);
    lab_pass(lab, 70 * SEC);
    expect_window(lab, VS_AWAY_LIBVIRT, went);
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

/* Of 2026-11-18, when this laboratory's clock begins. */
static char *past[] = {
    (char *)"2026-11-18 11:00:00.000+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.9",
    (char *)"HOME=/var/lib/libvirt/qemu/domain-5-guest \\", (char *)"-uuid " LAB_UUID " \\",
    (char *)"2026-11-18 11:30:00.000+0000: shutting down, reason=destroyed", NULL};

static void
tell_past(Lab *lab, char **lines, int64_t since)
{
    VsEvent event = {.type = VS_EVENT_PAST, .domain = &lab->guest.domain};

    event.past.lines = lines;
    event.past.since = since;
    lab_step(lab, &event, NULL);
}

/* It was off when we went, and is when we are back, and the log tells of a run in between. */
static void
test_unseen(Lab *lab, const void *data)
{
    int64_t begun, went;

    g_assert_true(vs_wallclock_parse("2026-11-18T11:00:00Z", &begun, NULL));
    went = begun - 10 * SEC;
    lab->now.real = begun + 3600 * SEC;
    lab_run_guest(lab);
    lab->guest.state = VS_STATE_SHUTOFF;
    lab->guest.domain.id = -1;
    lab_be_destroyed(lab);
    lab_expect_record(lab, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    tell_past(lab, past, went);
    g_assert_cmpuint(lab->records->len, ==, 1); /* nobody was away */

    lab_close(lab);
    lab_open(lab);
    tell_past(lab, past, went);
    g_assert_cmpuint(lab->records->len, ==, 2);
    g_assert_cmpint(lab_last_record(lab)->verdict.cause, ==, VS_CAUSE_DESTROYED);
    expect_window(lab, VS_AWAY_LIBVIRT, begun);
    g_assert_cmpint(lab_last_record(lab)->time, ==, begun + 1800 * SEC);
    g_assert_cmpint(lab_last_record(lab)->domain.id, ==, 5);
    tell_past(lab, past, begun);
    g_assert_cmpuint(lab->records->len, ==, 2);
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
    lab_add("/engine/absence/unseen", test_unseen);
    return g_test_run();
}

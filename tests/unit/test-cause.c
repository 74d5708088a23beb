/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cause.h"

#include "vs-test.h"

/* The classifier by itself: what a run's facts and its log come to, where the traces don't reach.
 */

#define SEC   INT64_C(1000000)
#define ENDED (1000 * SEC)

typedef struct Case {
    const char *uri;
    VsRun *run;
    VsQemuLog log;
} Case;

static void
set_up(Case *facts, const void *data)
{
    VsUuid id = {.text = "11111111-2222-4333-8444-555555555501"};

    facts->uri = "qemu:///system";
    facts->run = vs_run_new(id, 1);
    facts->run->phase = VS_RUN_READING;
    facts->run->ended_mono = ENDED;
    facts->log.lines = g_ptr_array_new();
}

static void
tear_down(Case *facts, const void *data)
{
    vs_run_free(facts->run);
    vs_qemu_log_clear(&facts->log);
}

static void
expect(Case *facts, VsCause cause, VsConfidence confidence)
{
    VsVerdict verdict;

    vs_cause_judge(facts->run, vs_driver_of(facts->uri), &facts->log, &verdict);
    g_assert_cmpstr(vs_cause_name(verdict.cause), ==, vs_cause_name(cause));
    g_assert_cmpstr(vs_confidence_name(verdict.confidence), ==, vs_confidence_name(confidence));
    vs_verdict_clear(&verdict);
}

static void
log_says(Case *facts, const char *reason, bool libvirt, bool last)
{
    facts->log.is = facts->log.headed = true;
    g_free(facts->log.reason);
    facts->log.reason = g_strdup(reason);
    facts->log.libvirt = libvirt;
    facts->log.libvirt_last = last;
}

static void
found(Case *facts, VsDomainState state, int reason)
{
    facts->run->state = state;
    facts->run->reason = reason;
}

static void
went_down(Case *facts, int64_t at)
{
    facts->run->shutdown = VS_SHUTDOWN_REASON_GUEST;
    facts->run->shutdown_exact = true;
    facts->run->first_sign = at;
    facts->run->stopped = VS_STOPPED_SHUTDOWN;
}

static VsAsked
asked(int64_t at, int64_t expires)
{
    return (VsAsked){.by = VS_ASKED_BY_US, .heard = VS_HEARD_YES, .at = at, .expires = expires};
}

static void
test_nothing_known(Case *facts, const void *data)
{
    expect(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    found(facts, VS_STATE_GONE, 0);
    expect(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    found(facts, VS_STATE_SHUTOFF, 99);
    expect(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    facts->run->stopped = 99;
    expect(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
}

/* What is left of a run that nobody saw the end of; there may have been another one since. */
static void
test_found(Case *facts, const void *data)
{
    static const struct {
        int reason;
        VsCause cause;
    } cases[] = {
        {VS_SHUTOFF_SHUTDOWN, VS_CAUSE_GUEST_INITIATED},
        {VS_SHUTOFF_DESTROYED, VS_CAUSE_DESTROYED},
        {VS_SHUTOFF_CRASHED, VS_CAUSE_CRASHED},
        {VS_SHUTOFF_MIGRATED, VS_CAUSE_MIGRATED},
        {VS_SHUTOFF_SAVED, VS_CAUSE_SAVED},
        {VS_SHUTOFF_FROM_SNAPSHOT, VS_CAUSE_SNAPSHOT_REVERTED},
        {VS_SHUTOFF_DAEMON, VS_CAUSE_DESTROYED},
    };

    facts->run->gap_at = ENDED - 60 * SEC;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        found(facts, VS_STATE_SHUTOFF, cases[i].reason);
        expect(facts, cases[i].cause, VS_CONFIDENCE_LIKELY);
    }
    /* That is a start since: this run had started. */
    found(facts, VS_STATE_SHUTOFF, VS_SHUTOFF_FAILED);
    expect(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
}

/* A transient domain leaves no state, only its log. */
static void
test_found_in_log(Case *facts, const void *data)
{
    static const struct {
        const char *reason;
        VsCause cause;
    } cases[] = {
        {"shutdown", VS_CAUSE_GUEST_INITIATED},
        {"destroyed", VS_CAUSE_DESTROYED},
        {"crashed", VS_CAUSE_UNKNOWN},
        {"migrated", VS_CAUSE_MIGRATED},
        {"saved", VS_CAUSE_SAVED},
        {"failed", VS_CAUSE_UNKNOWN}, /* of a start since */
        {"from snapshot", VS_CAUSE_SNAPSHOT_REVERTED},
        {"daemon", VS_CAUSE_DESTROYED},
        {"dissolved", VS_CAUSE_UNKNOWN},
    };

    facts->run->gap_at = ENDED - 60 * SEC;
    found(facts, VS_STATE_GONE, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsVerdict verdict;

        log_says(facts, cases[i].reason, true, false);
        vs_cause_judge(facts->run, vs_driver_of(facts->uri), &facts->log, &verdict);
        g_assert_cmpstr(vs_cause_name(verdict.cause), ==, vs_cause_name(cases[i].cause));
    }
}

/* ... but its end may be dated by the log: libvirt's signal to a guest that had powered off. */
static void
test_expired_when_found(Case *facts, const void *data)
{
    facts->run->gap_at = ENDED - 20 * SEC;
    facts->run->ended_real = 5000 * SEC;
    facts->run->button = asked(ENDED - 40 * SEC, ENDED - 30 * SEC);
    found(facts, VS_STATE_SHUTOFF, VS_SHUTOFF_CRASHED);
    log_says(facts, "crashed", true, false);
    facts->log.libvirt_at = 5000 * SEC - 35 * SEC;
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    facts->log.libvirt_at = 5000 * SEC - 25 * SEC;
    expect(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
}

/* ... and what stood when the gap began stands, whatever dates the end. */
static void
test_stood_at_the_gap(Case *facts, const void *data)
{
    facts->run->gap_at = ENDED - 35 * SEC;
    facts->run->ended_real = 5000 * SEC;
    facts->run->button = asked(ENDED - 95 * SEC, ENDED - 30 * SEC);
    found(facts, VS_STATE_GONE, 0);
    log_says(facts, "shutdown", true, false);
    facts->log.libvirt_at = 5000 * SEC - 1 * SEC;
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);

    /* The same by libvirt's own signal, which is told when it is back. */
    facts->run->shutdown = VS_SHUTDOWN_REASON_HOST_SIGNAL;
    facts->run->first_sign = ENDED - 1 * SEC;
    facts->run->stopped = VS_STOPPED_SHUTDOWN;
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);

    facts->run->gap_at = ENDED - 30 * SEC;
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* A power-off that was seen, in what is still a gap, is judged by when it was. */
static void
test_seen_in_a_gap(Case *facts, const void *data)
{
    facts->run->gap_at = ENDED - 35 * SEC;
    facts->run->deaf_at = ENDED - 30 * SEC;
    facts->run->button = asked(ENDED - 95 * SEC, ENDED - 30 * SEC);
    went_down(facts, ENDED - 25 * SEC);
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* Somebody may have pressed when nobody listened, and what he pressed stands for ten minutes. */
static void
test_deaf_before(Case *facts, const void *data)
{
    went_down(facts, 900 * SEC);
    facts->run->deaf_at = 301 * SEC;
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    facts->run->deaf_at = 300 * SEC;
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);

    /* Who asked is known then, whoever did besides. */
    facts->run->deaf_at = 801 * SEC;
    facts->run->agent = asked(895 * SEC, 901 * SEC);
    expect(facts, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
}

/* QEMU tells of a press before it tells what that brings. What we asked for, and it never told of,
 * came too late. */
static void
test_untold_press(Case *facts, const void *data)
{
    went_down(facts, 900 * SEC);
    facts->run->has_qmp = true;
    facts->run->button = asked(895 * SEC, 901 * SEC);
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
    facts->run->agent = asked(892 * SEC, 901 * SEC);
    expect(facts, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    facts->run->agent = (VsAsked){0};
    facts->run->press_told = true;
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
}

/* ... unless that was missed. */
static void
test_untold_press_in_a_gap(Case *facts, const void *data)
{
    went_down(facts, 900 * SEC);
    facts->run->has_qmp = true;
    facts->run->button = asked(800 * SEC, 901 * SEC);
    facts->run->deaf_at = 850 * SEC;
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    facts->run->deaf_at = 700 * SEC;
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    facts->run->gap_at = 700 * SEC; /* and since it was over QEMU would have told */
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
}

/* A libvirt that came back and could not take the guest over says that it ended it. */
static void
test_given_up(Case *facts, const void *data)
{
    facts->run->gap_at = ENDED - 60 * SEC;
    log_says(facts, "daemon", false, false);
    expect(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    facts->run->button = asked(ENDED - 70 * SEC, ENDED - 60 * SEC);
    expect(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    facts->run->button
        .expires++; /* it stood when the gap began: a guest that was down is given up, too */
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    facts->run->destroy_called = true;
    expect(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    facts->log.outside = true; /* it was killed by somebody else before */
    facts->log.comm = g_strdup("kill");
    expect(facts, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN);
}

/* A sender that was gone when QEMU looked may have been libvirt, where that died meanwhile. */
static void
test_nameless_sender(Case *facts, const void *data)
{
    found(facts, VS_STATE_GONE, 0);
    log_says(facts, "crashed", false, false);
    facts->log.outside = true;
    expect(facts, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN);
    facts->run->gap_at = 1;
    expect(facts, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_LIKELY);
    facts->run->destroy_called = true;
    expect(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
}

/* The state is that of the last run, the log's lines are those of this one. */
static void
test_log_outranks_state(Case *facts, const void *data)
{
    facts->run->gap_at = ENDED - 60 * SEC;
    found(facts, VS_STATE_SHUTOFF, VS_SHUTOFF_FAILED);
    log_says(facts, "crashed", false, false);
    expect(facts, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
}

/* An event outranks both. */
static void
test_stopped_outranks_log(Case *facts, const void *data)
{
    facts->run->stopped = VS_STOPPED_DESTROYED;
    log_says(facts, "shutdown", true, false);
    expect(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
}

static void
test_who_asked(Case *facts, const void *data)
{
    went_down(facts, 900 * SEC);
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
    facts->run->agent = asked(892 * SEC, 901 * SEC);
    expect(facts, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_CERTAIN);
    facts->run->agent.doubtful = true;
    expect(facts, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);

    /* The last to ask, but who knows. */
    facts->run->button = asked(895 * SEC, 901 * SEC);
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    facts->run->button = asked(890 * SEC, 901 * SEC);
    expect(facts, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

/* Its time was over before the guest went down; that it was reaped later doesn't matter. */
static void
test_expired(Case *facts, const void *data)
{
    went_down(facts, 900 * SEC);
    facts->run->agent = asked(840 * SEC, 900 * SEC);
    facts->run->button = asked(840 * SEC, 900 * SEC);
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_CERTAIN);
    facts->run->button.expires++;
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
}

static void
test_watchdog_window(Case *facts, const void *data)
{
    facts->run->stopped = VS_STOPPED_FAILED;
    facts->run->watchdog = VS_WATCHDOG_POWEROFF;
    facts->run->watchdog_at = ENDED - 10 * SEC;
    expect(facts, VS_CAUSE_WATCHDOG, VS_CONFIDENCE_CERTAIN);
    facts->run->watchdog_at = ENDED - 3600 * SEC;
    expect(facts, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
    facts->run->watchdog = VS_WATCHDOG_PAUSE;
    facts->run->watchdog_at = ENDED - 10 * SEC;
    expect(facts, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
}

/* STOPPED/CRASHED is libvirt's word; where QEMU speaks for itself, it has to say so, too. */
static void
test_crashed_without_panic(Case *facts, const void *data)
{
    facts->run->stopped = VS_STOPPED_CRASHED;
    facts->uri = "xen:///system";
    expect(facts, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_CERTAIN);
    facts->uri = "qemu:///system";
    expect(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    facts->run->gap_at = ENDED - 60 * SEC;
    expect(facts, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_LIKELY);
    facts->run->panicked = true;
    expect(facts, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_CERTAIN);
}

/* A SHUTDOWN by the host without a reason: QEMU's log knows a signal from a quit. */
static void
test_host(Case *facts, const void *data)
{
    facts->run->stopped = VS_STOPPED_SHUTDOWN;
    facts->run->shutdown = VS_SHUTDOWN_REASON_HOST;
    expect(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    log_says(facts, "shutdown", false, false);
    expect(facts, VS_CAUSE_MONITOR_QUIT, VS_CONFIDENCE_LIKELY);
    facts->log.outside = true;
    expect(facts, VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_CERTAIN);
}

static void
test_host_error(Case *facts, const void *data)
{
    facts->run->stopped = VS_STOPPED_SHUTDOWN;
    facts->run->shutdown = VS_SHUTDOWN_REASON_HOST_ERROR;
    expect(facts, VS_CAUSE_CRASHED, VS_CONFIDENCE_CERTAIN);
}

/* Each cause is as clean as the design's table has it. */
static void
test_clean(void)
{
    static const char *const clean[] = {"guest-initiated", "guest-agent",  "power-button",
                                        "guest-request",   "guest-reboot", "saved",
                                        "migrated"};
    static const char *const unclean[] = {"host-signal",  "monitor-quit", "destroyed",
                                          "guest-panic",  "watchdog",     "crashed",
                                          "host-failure", "out-of-memory"};
    static const char *const neither[] = {"start-failed", "snapshot-reverted", "unknown"};
    VsCause cause;

    g_assert_cmpint(VS_N_CAUSES, ==,
                    G_N_ELEMENTS(clean) + G_N_ELEMENTS(unclean) + G_N_ELEMENTS(neither));
    for (size_t i = 0; i < G_N_ELEMENTS(clean); i++)
        g_assert_true(vs_cause_parse(clean[i], &cause) && vs_cause_clean(cause) == VS_CLEAN_YES);
    for (size_t i = 0; i < G_N_ELEMENTS(unclean); i++)
        g_assert_true(vs_cause_parse(unclean[i], &cause) && vs_cause_clean(cause) == VS_CLEAN_NO);
    for (size_t i = 0; i < G_N_ELEMENTS(neither); i++)
        g_assert_true(vs_cause_parse(neither[i], &cause) &&
                      vs_cause_clean(cause) == VS_CLEAN_UNKNOWN);
    g_assert_false(vs_cause_parse("dissolved", &cause));
}

static void
expect_clean(Case *facts, VsCause cause, VsConfidence confidence, VsClean clean)
{
    VsVerdict verdict;

    expect(facts, cause, confidence);
    vs_cause_judge(facts->run, vs_driver_of(facts->uri), &facts->log, &verdict);
    g_assert_cmpint(verdict.clean, ==, clean);
    vs_verdict_clear(&verdict);
}

/* Of a container every end of its init is told as a shutdown, a SIGKILL's, too. */
static void
test_container_unasked(Case *facts, const void *data)
{
    facts->uri = "lxc:///system";
    facts->run->stopped = VS_STOPPED_SHUTDOWN;
    expect_clean(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY, VS_CLEAN_UNKNOWN);
    facts->run->stopped = VS_STOPPED_DESTROYED;
    expect_clean(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN, VS_CLEAN_NO);
    facts->run->stopped = VS_STOPPED_FAILED; /* libvirt_lxc itself was killed */
    expect_clean(facts, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY, VS_CLEAN_NO);
}

static void
test_container_asked(Case *facts, const void *data)
{
    facts->uri = "lxc:///system";
    facts->run->stopped = VS_STOPPED_SHUTDOWN;
    vs_run_asked(facts->run, VS_METHOD_INITCTL, 1, ENDED - 15 * SEC, ENDED - 5 * SEC);
    expect_clean(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY, VS_CLEAN_UNKNOWN);
    vs_run_asked(facts->run, VS_METHOD_SIGNAL, 2, ENDED - 5 * SEC, ENDED + 5 * SEC);
    expect_clean(facts, VS_CAUSE_GUEST_REQUEST, VS_CONFIDENCE_LIKELY, VS_CLEAN_YES);
}

/* libvirt finds it gone as it comes back, and says so in the words of a start that failed. */
static void
test_container_ended_unseen(Case *facts, const void *data)
{
    facts->uri = "lxc:///system";
    facts->run->gap_at = ENDED - 20 * SEC;
    found(facts, VS_STATE_SHUTOFF, VS_SHUTOFF_FAILED);
    expect_clean(facts, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN, VS_CLEAN_UNKNOWN);
    vs_run_asked(facts->run, VS_METHOD_SIGNAL, 2, ENDED - 25 * SEC, ENDED + 5 * SEC);
    expect_clean(facts, VS_CAUSE_GUEST_REQUEST, VS_CONFIDENCE_LIKELY, VS_CLEAN_UNKNOWN);
    vs_run_asked(facts->run, VS_METHOD_DESTROY, 3, ENDED - 1 * SEC, ENDED + 5 * SEC);
    expect_clean(facts, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY, VS_CLEAN_NO);
}

/* A request by the hypervisor's own channel, of a driver that tells a power-off apart. */
/* All that tells of the signal is QEMU's log: no event did. */
static void
test_signal_in_log(Case *facts, const void *data)
{
    VsVerdict verdict;

    facts->run->stopped = VS_STOPPED_SHUTDOWN;
    log_says(facts, "shutdown", false, false);
    facts->log.outside = true;
    facts->log.signal = 15;
    facts->log.pid = 42;
    facts->log.comm = g_strdup("kill");
    vs_cause_judge(facts->run, vs_driver_of(facts->uri), &facts->log, &verdict);
    g_assert_cmpint(verdict.cause, ==, VS_CAUSE_HOST_SIGNAL);
    g_assert_cmpint(verdict.confidence, ==, VS_CONFIDENCE_CERTAIN);
    g_assert_cmpint(verdict.signal, ==, 15);
    g_assert_cmpint(verdict.killer_pid, ==, 42);
    g_assert_cmpstr(verdict.killer_comm, ==, "kill");
    vs_verdict_clear(&verdict);
}

/* Where a power-off looks like another end it is likely at best, whoever asked. */
static void
test_at_most_likely(Case *facts, const void *data)
{
    static const struct {
        VsMethod method;
        VsCause cause;
    } cases[] = {
        {VS_METHOD_AGENT, VS_CAUSE_GUEST_AGENT},
        {VS_METHOD_POWER_BUTTON, VS_CAUSE_POWER_BUTTON},
        {VS_METHOD_PARAVIRT, VS_CAUSE_GUEST_REQUEST},
    };

    facts->uri = "xen:///system";
    went_down(facts, 900 * SEC);
    expect(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsAsked nobody = {0};

        facts->run->agent = facts->run->button = facts->run->request = nobody;
        vs_run_asked(facts->run, cases[i].method, 1, 895 * SEC, 960 * SEC);
        facts->run->port_closed = true;
        facts->uri = "xen:///system";
        expect(facts, cases[i].cause, VS_CONFIDENCE_LIKELY);
        facts->uri = "qemu:///system";
        expect(facts, cases[i].cause, VS_CONFIDENCE_CERTAIN);
    }
}

static void
test_paravirt(Case *facts, const void *data)
{
    facts->uri = "xen:///system";
    facts->run->stopped = VS_STOPPED_SHUTDOWN;
    expect_clean(facts, VS_CAUSE_GUEST_INITIATED, VS_CONFIDENCE_LIKELY, VS_CLEAN_YES);
    vs_run_asked(facts->run, VS_METHOD_PARAVIRT, 1, ENDED - 5 * SEC, ENDED + 5 * SEC);
    expect_clean(facts, VS_CAUSE_GUEST_REQUEST, VS_CONFIDENCE_LIKELY, VS_CLEAN_YES);
    facts->run->stopped = VS_STOPPED_CRASHED;
    expect_clean(facts, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_CERTAIN, VS_CLEAN_NO);
}

#define add(name, test) g_test_add("/cause/" name, Case, NULL, set_up, test, tear_down)

/* What was asked long before it went down is only near in time. */
static void
test_far(Case *facts, const void *data)
{
    went_down(facts, 900 * SEC);
    facts->run->press_told = facts->run->has_qmp = true;
    facts->run->button = asked(890 * SEC, 1500 * SEC);
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_CERTAIN);
    facts->run->button.at--;
    expect(facts, VS_CAUSE_POWER_BUTTON, VS_CONFIDENCE_LIKELY);
    facts->run->button = (VsAsked){0};
    facts->run->agent = asked(882 * SEC, 1500 * SEC);
    expect(facts, VS_CAUSE_GUEST_AGENT, VS_CONFIDENCE_LIKELY);
}

static VsAsked
some_asked(void)
{
    int64_t at = g_test_rand_int_range(g_test_rand_bit() ? 870 : 1, 900) * SEC;

    if (g_test_rand_bit())
        return (VsAsked){0};
    return (VsAsked){
        .by = g_test_rand_int_range(VS_ASKED_BY_SOMEBODY, VS_ASKED_BY_US + 1),
        .doubtful = g_test_rand_bit(),
        .heard = g_test_rand_int_range(VS_HEARD_PERHAPS, VS_HEARD_NO + 1),
        .at = at,
        .expires = at + g_test_rand_int_range(1, 1000) * SEC,
    };
}

static void
make_up(VsRun *run)
{
    run->shutdown = g_test_rand_int_range(VS_SHUTDOWN_REASON_NONE, VS_SHUTDOWN_REASON_HOST + 1);
    run->shutdown_exact = g_test_rand_bit();
    run->first_sign =
        g_test_rand_bit() ? g_test_rand_int_range(880, g_test_rand_bit() ? 905 : 1000) * SEC : 0;
    run->stopped = g_test_rand_int_range(-1, VS_STOPPED_FROM_SNAPSHOT + 1);
    run->state = g_test_rand_int_range(0, VS_STATE_PMSUSPENDED + 1);
    run->reason = g_test_rand_int_range(0, 10);
    run->found_at = g_test_rand_bit() ? g_test_rand_int_range(1, 900) * SEC : 0;
    run->deaf_at = g_test_rand_bit() ? g_test_rand_int_range(1, 900) * SEC : 0;
    run->gap_at = g_test_rand_bit() ? run->deaf_at : 0;
    run->has_qmp = g_test_rand_bit();
    run->press_told = g_test_rand_bit();
    run->agent_seen = g_test_rand_bit();
    run->port_closed = g_test_rand_bit();
    run->agent = some_asked();
    run->button = some_asked();
    run->request = some_asked();
}

/* What is certain of who asked: that nobody did, only of a run that was watched for as long as it
 * counts; that somebody did, only just before, and where the guest heard it. */
static void
check_certain(const VsRun *run, const VsVerdict *verdict)
{
    int64_t at = run->first_sign > 0 ? run->first_sign : run->ended_mono;
    int64_t last = MAX(MAX(run->agent.at, run->request.at), run->button.at);

    if (verdict->cause == VS_CAUSE_GUEST_INITIATED) {
        g_assert_cmpint(verdict->watched_since, ==, 0);
        g_assert_true(vs_run_watched_since(run) == 0 ||
                      at - vs_run_watched_since(run) >= VS_RUN_ASK_WINDOW);
        g_assert_false(run->agent_seen);
    } else if (verdict->cause == VS_CAUSE_GUEST_AGENT || verdict->cause == VS_CAUSE_POWER_BUTTON ||
               verdict->cause == VS_CAUSE_GUEST_REQUEST) {
        g_assert_cmpint(verdict->asked_before, ==, 0);
        g_assert_cmpint(at - last, <=, 10 * SEC);
        g_assert_true(verdict->cause != VS_CAUSE_GUEST_AGENT || run->agent.heard == VS_HEARD_YES ||
                      run->port_closed);
        g_assert_true(verdict->cause != VS_CAUSE_POWER_BUTTON || !run->has_qmp ||
                      run->button.by != VS_ASKED_BY_US || run->button.heard == VS_HEARD_YES);
    }
}

/* Whatever came together. */
static void
test_certain(Case *facts, const void *data)
{
    unsigned n_certain[VS_N_CAUSES] = {0};

    for (unsigned i = 0; i < 200000; i++) {
        VsVerdict verdict;

        make_up(facts->run);
        vs_cause_judge(facts->run, vs_driver_of(facts->uri), &facts->log, &verdict);
        if (verdict.confidence == VS_CONFIDENCE_CERTAIN) {
            check_certain(facts->run, &verdict);
            n_certain[verdict.cause]++;
        }
        vs_verdict_clear(&verdict);
    }
    /* And these were reached. */
    g_assert_cmpuint(n_certain[VS_CAUSE_GUEST_INITIATED], >, 0);
    g_assert_cmpuint(n_certain[VS_CAUSE_POWER_BUTTON], >, 0);
    g_assert_cmpuint(n_certain[VS_CAUSE_GUEST_AGENT], >, 0);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    add("nothing-known", test_nothing_known);
    add("found", test_found);
    add("found-in-log", test_found_in_log);
    add("expired-when-found", test_expired_when_found);
    add("stood-at-the-gap", test_stood_at_the_gap);
    add("seen-in-a-gap", test_seen_in_a_gap);
    add("deaf-before", test_deaf_before);
    add("untold-press", test_untold_press);
    add("untold-press-in-a-gap", test_untold_press_in_a_gap);
    add("given-up", test_given_up);
    add("nameless-sender", test_nameless_sender);
    add("log-outranks-state", test_log_outranks_state);
    add("stopped-outranks-log", test_stopped_outranks_log);
    add("who-asked", test_who_asked);
    add("expired", test_expired);
    add("watchdog-window", test_watchdog_window);
    add("crashed-without-panic", test_crashed_without_panic);
    add("host", test_host);
    add("host-error", test_host_error);
    g_test_add_func("/cause/clean", test_clean);
    add("container-unasked", test_container_unasked);
    add("container-asked", test_container_asked);
    add("container-ended-unseen", test_container_ended_unseen);
    add("signal-in-log", test_signal_in_log);
    add("at-most-likely", test_at_most_likely);
    add("paravirt", test_paravirt);
    add("far", test_far);
    add("certain", test_certain);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cause.h"

#include "vs-test.h"

/* What the end of the hypervisor process says of the end of the guest, and when it says nothing. */

#define NO_STOPPED (-1)

typedef struct Case {
    const char *what;
    int stopped;
    VsProcessEnd end;
    VsShutdownReason shutdown;
    bool gap, destroy_called, outside, libvirt;
    VsCause cause;
    VsConfidence confidence;
    int signal;
} Case;

#define KILLED(signal, oom)                                                                        \
    {                                                                                              \
        VS_FATE_KILLED, signal, VS_OOM_##oom                                                       \
    }
#define EXITED(status)                                                                             \
    {                                                                                              \
        VS_FATE_EXITED, status, VS_OOM_UNKNOWN                                                     \
    }

static const Case cases[] = {
    {"SIGKILL, by nobody's want of memory", VS_STOPPED_FAILED, KILLED(9, NO),
     .cause = VS_CAUSE_HOST_SIGNAL, .confidence = VS_CONFIDENCE_CERTAIN, .signal = 9},
    {"SIGKILL", VS_STOPPED_FAILED, KILLED(9, UNKNOWN), .cause = VS_CAUSE_HOST_SIGNAL,
     .confidence = VS_CONFIDENCE_LIKELY, .signal = 9},
    {"one of its group was killed for memory", VS_STOPPED_FAILED, KILLED(9, COUNTED),
     .cause = VS_CAUSE_OUT_OF_MEMORY, .confidence = VS_CONFIDENCE_LIKELY, .signal = 9},
    {"it was, by name", VS_STOPPED_FAILED, KILLED(9, NAMED), .cause = VS_CAUSE_OUT_OF_MEMORY,
     .confidence = VS_CONFIDENCE_CERTAIN, .signal = 9},
    {"a fault of its own", VS_STOPPED_FAILED, KILLED(11, NO), .cause = VS_CAUSE_CRASHED,
     .confidence = VS_CONFIDENCE_CERTAIN, .signal = 11},
    {"SIGTERM before it minded", VS_STOPPED_FAILED, KILLED(15, NO), .cause = VS_CAUSE_HOST_SIGNAL,
     .confidence = VS_CONFIDENCE_CERTAIN, .signal = 15},
    {"a status of failure", VS_STOPPED_FAILED, EXITED(1), .cause = VS_CAUSE_CRASHED,
     .confidence = VS_CONFIDENCE_CERTAIN},
    {"in order, and no signal told", VS_STOPPED_FAILED, EXITED(0), .cause = VS_CAUSE_MONITOR_QUIT,
     .confidence = VS_CONFIDENCE_LIKELY},
    {"in order, and somebody was away", VS_STOPPED_FAILED, EXITED(0), .gap = true,
     .cause = VS_CAUSE_UNKNOWN},
    {"an old kernel that counts",
     VS_STOPPED_FAILED,
     {VS_FATE_UNKNOWN, 0, VS_OOM_COUNTED},
     .cause = VS_CAUSE_OUT_OF_MEMORY,
     .confidence = VS_CONFIDENCE_LIKELY},
    {"an old kernel that counts none",
     VS_STOPPED_FAILED,
     {VS_FATE_UNKNOWN, 0, VS_OOM_NO},
     .cause = VS_CAUSE_CRASHED,
     .confidence = VS_CONFIDENCE_LIKELY},

    /* QEMU was going down already. */
    {"it told of a signal before", VS_STOPPED_FAILED, KILLED(9, NO),
     .shutdown = VS_SHUTDOWN_REASON_HOST_SIGNAL, .cause = VS_CAUSE_HOST_SIGNAL,
     .confidence = VS_CONFIDENCE_LIKELY},
    {"it told that the host ends it", VS_STOPPED_FAILED, KILLED(9, NO),
     .shutdown = VS_SHUTDOWN_REASON_HOST, .cause = VS_CAUSE_CRASHED,
     .confidence = VS_CONFIDENCE_LIKELY},
    {"its log names the sender of SIGTERM", VS_STOPPED_FAILED, KILLED(9, NO), .outside = true,
     .cause = VS_CAUSE_HOST_SIGNAL, .confidence = VS_CONFIDENCE_CERTAIN, .signal = 15},
    {"its log names libvirt", VS_STOPPED_FAILED, KILLED(9, NO), .libvirt = true,
     .cause = VS_CAUSE_CRASHED, .confidence = VS_CONFIDENCE_LIKELY},

    /* libvirt's own SIGKILL is told as a destroy, where it was there to tell. */
    {"nobody was there to tell", NO_STOPPED, KILLED(9, NO), .gap = true,
     .cause = VS_CAUSE_HOST_SIGNAL, .confidence = VS_CONFIDENCE_LIKELY, .signal = 9},
    {"... of our destroy", NO_STOPPED, KILLED(9, NO), .gap = true, .destroy_called = true,
     .cause = VS_CAUSE_DESTROYED, .confidence = VS_CONFIDENCE_LIKELY, .signal = 9},
    {"it was there", NO_STOPPED, KILLED(9, NO), .cause = VS_CAUSE_HOST_SIGNAL,
     .confidence = VS_CONFIDENCE_CERTAIN, .signal = 9},
    {"... and our destroy not yet", VS_STOPPED_FAILED, KILLED(9, NO), .destroy_called = true,
     .cause = VS_CAUSE_HOST_SIGNAL, .confidence = VS_CONFIDENCE_CERTAIN, .signal = 9},
    {"in words too new for us", 99, KILLED(9, NO), .cause = VS_CAUSE_HOST_SIGNAL,
     .confidence = VS_CONFIDENCE_LIKELY, .signal = 9},
    {"... of our destroy", 99, KILLED(9, NO), .destroy_called = true, .cause = VS_CAUSE_DESTROYED,
     .confidence = VS_CONFIDENCE_LIKELY, .signal = 9},
    {"libvirt says why", VS_STOPPED_DESTROYED, KILLED(9, NO), .cause = VS_CAUSE_DESTROYED,
     .confidence = VS_CONFIDENCE_CERTAIN},
};

static void
judge(const Case *one, VsProcessWatch watch, VsVerdict *ret)
{
    VsUuid id = {.text = "11111111-2222-4333-8444-555555555501"};
    VsRun *run = vs_run_new(id, 1);
    VsQemuLog log = {.is = true,
                     .outside = one->outside,
                     .libvirt = one->libvirt,
                     .signal = one->outside ? 15 : 0,
                     .pid = one->outside ? 42 : 0};

    run->ended_mono = 2;
    run->stopped = one->stopped;
    run->state = VS_STATE_GONE;
    run->shutdown = one->shutdown;
    run->gap_at = one->gap ? 1 : 0;
    run->destroy_called = one->destroy_called;
    vs_run_process_ended(run, &one->end);
    run->watch = watch;
    vs_cause_judge(run, vs_driver_of("qemu:///system"), &log, ret);
    vs_run_free(run);
}

static void
test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *one = &cases[i];
        VsVerdict verdict;

        vs_test_note(one->what);
        judge(one, VS_PROCESS_ENDED, &verdict);
        g_assert_cmpstr(vs_cause_name(verdict.cause), ==, vs_cause_name(one->cause));
        g_assert_cmpint(verdict.confidence, ==, one->confidence);
        g_assert_cmpint(verdict.signal, ==, one->signal);
        vs_verdict_clear(&verdict);
    }
}

/* As long as nobody has told how it ended it looks like any other. */
static void
test_untold(void)
{
    VsVerdict verdict;

    judge(&cases[0], VS_PROCESS_WATCHED, &verdict);
    g_assert_cmpint(verdict.cause, ==, VS_CAUSE_CRASHED);
    g_assert_cmpint(verdict.confidence, ==, VS_CONFIDENCE_LIKELY);
    g_assert_cmpint(verdict.signal, ==, 0);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/process-cause/cases", test_cases);
    g_test_add_func("/process-cause/untold", test_untold);
    return g_test_run();
}

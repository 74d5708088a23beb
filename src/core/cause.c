/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cause.h"

#include "core/end.h"
#include "core/process-cause.h"
#include "core/who-asked.h"
#include "util/span.h"

/* A watchdog's power-off ends the process at once, so an older shot has nothing to do with it.
 * Libvirt takes up to 40 s to give up on a process. */
#define WATCHDOG_WINDOW (60 * VS_USEC_PER_SEC)

/* A watchdog's reset that on_reboot turns into the end: QEMU says both in one breath. */
#define WATCHDOG_BREATH (2 * VS_USEC_PER_SEC)

static void
say(VsVerdict *verdict, VsCause cause, VsConfidence confidence)
{
    verdict->cause = cause;
    verdict->confidence = confidence;
}

/* QEMU can't name a sender that is gone when it looks. In a gap that may have been libvirt, in the
 * middle of a destroy. */
static void
judge_outside_signal(const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    bool nameless = run->gap_at > 0 && !log->comm;

    if (nameless && run->destroy_called) {
        say(ret, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
        return;
    }
    say(ret, VS_CAUSE_HOST_SIGNAL, nameless ? VS_CONFIDENCE_LIKELY : VS_CONFIDENCE_CERTAIN);
    ret->signal = log->signal;
    ret->killer_pid = log->pid;
    ret->killer_comm = g_strdup(log->comm);
}

/* At any time of the run. */
static bool
was_deaf(const VsRun *run)
{
    return run->gap_at > 0 || run->deaf_at > 0;
}

/* A SHUTDOWN by the host and nothing after it that says more: a signal, or the monitor's quit?
 * Where somebody was away the guest's own may have been missed, long ago: libvirt can keep the
 * process of a guest that is off. */
static void
judge_host_down(const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    bool is_signal = run->shutdown == VS_SHUTDOWN_REASON_HOST_SIGNAL;

    if (log->outside)
        judge_outside_signal(run, log, ret);
    else if (was_deaf(run) && log->libvirt)
        /* libvirt's own signal: it reaped a guest that had powered off while nobody listened. */
        vs_who_asked_judge(run, log, false, ret);
    else if (log->libvirt || (run->gap_at > 0 && (!log->is || is_signal)))
        /* A signal that isn't logged: those lines aren't this run's, and it may have been
         * libvirt's. */
        say(ret, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    else if (is_signal)
        say(ret, VS_CAUSE_HOST_SIGNAL,
            was_deaf(run) ? VS_CONFIDENCE_LIKELY : VS_CONFIDENCE_CERTAIN);
    else if (log->is)
        /* QEMU logs every signal, so this was none. */
        say(ret, VS_CAUSE_MONITOR_QUIT, VS_CONFIDENCE_LIKELY);
    else
        say(ret, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
}

static void
judge_shutdown(const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    switch (run->shutdown) {
    case VS_SHUTDOWN_REASON_HOST_QUIT:
        say(ret, VS_CAUSE_MONITOR_QUIT, VS_CONFIDENCE_CERTAIN);
        return;
    case VS_SHUTDOWN_REASON_HOST_ERROR:
        say(ret, VS_CAUSE_CRASHED, VS_CONFIDENCE_CERTAIN);
        return;
    case VS_SHUTDOWN_REASON_HOST_SIGNAL:
    case VS_SHUTDOWN_REASON_HOST:
        judge_host_down(run, log, ret);
        return;
    default:
        break;
    }
    if (log->outside)
        judge_outside_signal(run, log, ret);
    else
        /* Most likely. The monitor's quit looks the same where nobody listened: libvirt's own
         * signal to a guest that powered off often comes too late to be logged. */
        vs_who_asked_judge(run, log, false, ret);
}

static void
judge_crashed(const VsRun *run, const VsDriver *driver, VsVerdict *ret)
{
    /* Of QEMU's libvirt tells of a panic, before it ends the guest for it. */
    if (run->panicked || vs_driver_tells(driver, VS_TELLS_PANIC))
        say(ret, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_CERTAIN);
    else if (run->gap_at > 0 && !run->sound)
        say(ret, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_LIKELY);
    else
        /* Nothing was said of a panic: somebody had the guest dumped and ended (virsh dump
         * --crash). */
        say(ret, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
}

static bool
watchdog_fired(const VsRun *run, VsWatchdogAction action, int64_t until, int64_t window)
{
    return run->watchdog == (int)action && until - run->watchdog_at < window;
}

/* By us, for a stop that was in flight, and not long ago. */
static bool
was_asked(const VsRun *run, const VsQemuLog *log)
{
    const VsAsked *requests[] = {&run->button, &run->agent, &run->request};
    int64_t at = vs_who_asked_as_of(run, log, false);

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
        if (vs_asked_by_us(requests[i], at) &&
            run->ended_mono - requests[i]->at < VS_RUN_ASK_WINDOW)
            return true;
    return false;
}

/* It ended in order, so it did not crash; and QEMU logs, and tells, every signal on which it does.
 * In a gap it may also have been its guest that powered off. */
static void
judge_exited(const VsRun *run, VsVerdict *ret)
{
    if (run->gap_at == 0)
        say(ret, VS_CAUSE_MONITOR_QUIT, VS_CONFIDENCE_LIKELY);
    else
        say(ret, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
}

static void
judge_died(const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    if (watchdog_fired(run, VS_WATCHDOG_POWEROFF, run->ended_mono, WATCHDOG_WINDOW))
        say(ret, VS_CAUSE_WATCHDOG, VS_CONFIDENCE_CERTAIN);
    else if (log->outside)
        judge_outside_signal(run, log, ret);
    else if (run->panicked)
        say(ret, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_LIKELY);
    else if (run->stopped < 0 && log->libvirt_last)
        /* Nobody saw it, but libvirt ended a process that was still there: on_crash. */
        say(ret, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_LIKELY);
    else if (run->gap_at > 0 && log->libvirt && run->destroy_called)
        /* libvirt's own signal, but libvirt was gone before it could say why. */
        say(ret, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    else if (run->gap_at > 0 && run->stopped < 0 && was_asked(run, log))
        /* ... such as that the guest had powered off. Its signal often comes too late to be logged;
         * a crash between our request and its deadline would look the same, and is rarer. A libvirt
         * that tells the end was there, and had seen a power-off. */
        vs_who_asked_judge(run, log, false, ret);
    else if (run->gap_at > 0 && log->libvirt)
        say(ret, VS_CAUSE_UNKNOWN, VS_CONFIDENCE_UNKNOWN);
    else if (run->shutdown == VS_SHUTDOWN_REASON_HOST_SIGNAL)
        /* libvirt's own signal begins a destroy; whoever ended the process before that did. */
        say(ret, log->libvirt ? VS_CAUSE_DESTROYED : VS_CAUSE_HOST_SIGNAL, VS_CONFIDENCE_LIKELY);
    else if (run->watch == VS_PROCESS_ENDED && run->process.fate == VS_FATE_EXITED)
        judge_exited(run, ret);
    else
        /* SIGKILL and SIGSEGV, the kernel's or anybody's, look the same from here. */
        say(ret, VS_CAUSE_CRASHED, VS_CONFIDENCE_LIKELY);
}

/* libvirt says that it ended the guest itself, yet a process that was killed before it could be
 * taken over looks the same to it, and so does one that went off just then. */
static void
judge_given_up(const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    if (log->outside)
        judge_outside_signal(run, log, ret);
    else if (run->destroy_called)
        say(ret, VS_CAUSE_DESTROYED, VS_CONFIDENCE_CERTAIN);
    else if (was_asked(run, log))
        vs_who_asked_judge(run, log, false, ret);
    else
        say(ret, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
}

static void
judge_lost(const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    if (run->destroy_called)
        say(ret, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    else if (was_asked(run, log))
        vs_who_asked_judge(run, log, false, ret);
}

static void
judge_by_end(VsEnd end, const VsRun *run, const VsDriver *driver, const VsQemuLog *log,
             VsVerdict *ret)
{
    switch (end) {
    case VS_END_SHUTDOWN:
        judge_shutdown(run, log, ret);
        break;
    case VS_END_DESTROYED:
        /* Of one that panicked when it was asked, and was preserved, our destroy takes away what is
         * left. */
        say(ret, run->dead && run->destroy_called ? VS_CAUSE_GUEST_PANIC : VS_CAUSE_DESTROYED,
            VS_CONFIDENCE_CERTAIN);
        break;
    case VS_END_CRASHED:
        judge_crashed(run, driver, ret);
        break;
    case VS_END_DIED:
        judge_died(run, log, ret);
        break;
    case VS_END_LOST:
        judge_lost(run, log, ret);
        break;
    case VS_END_GIVEN_UP:
        judge_given_up(run, log, ret);
        break;
    case VS_END_MIGRATED:
        say(ret, VS_CAUSE_MIGRATED, VS_CONFIDENCE_CERTAIN);
        break;
    case VS_END_SAVED:
        say(ret, VS_CAUSE_SAVED, VS_CONFIDENCE_CERTAIN);
        break;
    case VS_END_START_FAILED:
        say(ret, VS_CAUSE_START_FAILED, VS_CONFIDENCE_CERTAIN);
        break;
    case VS_END_FROM_SNAPSHOT:
        say(ret, VS_CAUSE_SNAPSHOT_REVERTED, VS_CONFIDENCE_CERTAIN);
        break;
    default:
        if (log->outside)
            judge_outside_signal(run, log, ret);
        break;
    }
}

/* A first SHUTDOWN that came out of the guest: whatever came after it met a system that was down
 * already. */
static bool
judge_by_guest(const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    switch (run->shutdown) {
    case VS_SHUTDOWN_REASON_GUEST:
        vs_who_asked_judge(run, log, true, ret);
        return true;
    case VS_SHUTDOWN_REASON_GUEST_RESET:
        if (watchdog_fired(run, VS_WATCHDOG_RESET, run->first_sign, WATCHDOG_BREATH))
            say(ret, VS_CAUSE_WATCHDOG, VS_CONFIDENCE_CERTAIN);
        else
            say(ret, VS_CAUSE_GUEST_REBOOT, VS_CONFIDENCE_CERTAIN);
        return true;
    case VS_SHUTDOWN_REASON_GUEST_PANIC:
        say(ret, VS_CAUSE_GUEST_PANIC, VS_CONFIDENCE_CERTAIN);
        return true;
    default:
        return false;
    }
}

/* So long after its system came down and began anew a destroy of ours finds it still starting. */
#define DOWN_SPAN (5 * VS_USEC_PER_SEC)

/* Ended by us at the moment when its system was down. */
static bool
was_ended_down(const VsRun *run, VsEnd end)
{
    int64_t at = run->first_sign > 0 ? run->first_sign : run->ended_mono;

    return end == VS_END_DESTROYED && run->reboot.ends &&
           run->shutdown != VS_SHUTDOWN_REASON_GUEST && at - run->reboot.at < DOWN_SPAN;
}

/* What was known of the run then. */
static VsRun
as_it_came_down(const VsRun *run)
{
    VsRun past = *run;

    past.shutdown = run->reboot.off ? VS_SHUTDOWN_REASON_GUEST : VS_SHUTDOWN_REASON_GUEST_RESET;
    past.shutdown_exact = run->reboot.exact || !run->reboot.off;
    past.press_told = run->reboot.press_told;
    past.first_sign = run->reboot.at;
    past.agent = run->reboot.agent;
    past.button = run->reboot.button;
    past.request = run->reboot.request;
    return past;
}

/* libvirt's two words for one end differ: of two runs that nobody could tell apart each has one. */
static bool
is_contradicted(const VsRun *run)
{
    static const VsShutoffReason reasons[] = {
        [VS_STOPPED_SHUTDOWN] = VS_SHUTOFF_SHUTDOWN,
        [VS_STOPPED_DESTROYED] = VS_SHUTOFF_DESTROYED,
        [VS_STOPPED_CRASHED] = VS_SHUTOFF_CRASHED,
        [VS_STOPPED_MIGRATED] = VS_SHUTOFF_MIGRATED,
        [VS_STOPPED_SAVED] = VS_SHUTOFF_SAVED,
        [VS_STOPPED_FAILED] = VS_SHUTOFF_CRASHED,
        [VS_STOPPED_FROM_SNAPSHOT] = VS_SHUTOFF_FROM_SNAPSHOT,
    };
    bool known = run->state == VS_STATE_SHUTOFF && run->reason != VS_SHUTOFF_UNKNOWN &&
                 run->reason != VS_SHUTOFF_FAILED;

    return known && run->stopped >= 0 && run->stopped < (int)G_N_ELEMENTS(reasons) &&
           (int)reasons[run->stopped] != run->reason;
}

static void
judge_cause(VsEnd end, const VsRun *run, const VsDriver *driver, const VsQemuLog *log,
            VsVerdict *ret)
{
    bool only_state = run->stopped < 0 && !log->reason;

    if ((only_state || !vs_end_is_libvirts_own(end)) && judge_by_guest(run, log, ret))
        return;
    if (vs_process_judge(end, run, log, ret))
        return;
    judge_by_end(end, run, driver, log, ret);

    /* A state by itself may be that of another run since, and so may what is left of a log. */
    if (only_state || (run->stopped < 0 && !log->headed) || is_contradicted(run))
        ret->confidence = MIN(ret->confidence, VS_CONFIDENCE_LIKELY);
}

static bool
is_power_off(VsCause cause)
{
    return cause == VS_CAUSE_GUEST_INITIATED || cause == VS_CAUSE_GUEST_AGENT ||
           cause == VS_CAUSE_POWER_BUTTON || cause == VS_CAUSE_GUEST_REQUEST;
}

/* Where the driver tells any end alike, whoever went when asked did so in order, and of others that
 * isn't known: somebody may have killed them. */
static VsClean
clean_of(VsEnd end, const VsRun *run, const VsDriver *driver, VsCause cause)
{
    bool seen_down = run->shutdown == VS_SHUTDOWN_REASON_GUEST;

    if (!is_power_off(cause) || seen_down || vs_driver_tells(driver, VS_TELLS_ORDER))
        return vs_cause_clean(cause);
    return cause == VS_CAUSE_GUEST_INITIATED || end != VS_END_SHUTDOWN ? VS_CLEAN_UNKNOWN
                                                                       : vs_cause_clean(cause);
}

static void
judge(const VsRun *run, const VsDriver *driver, const VsQemuLog *log, VsVerdict *ret)
{
    VsEnd end = vs_end_of(run, log);

    *ret = (VsVerdict){0};
    judge_cause(end, run, driver, log, ret);
    if (is_power_off(ret->cause))
        ret->confidence = MIN(ret->confidence, driver->down);
    ret->clean = clean_of(end, run, driver, ret->cause);
}

void
vs_cause_judge(const VsRun *run, const VsDriver *driver, const VsQemuLog *log, VsVerdict *ret)
{
    VsRun past;

    if (!was_ended_down(run, vs_end_of(run, log))) {
        judge(run, driver, log, ret);
        return;
    }
    past = as_it_came_down(run);
    judge(&past, driver, log, ret);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/process-cause.h"

static bool
say(VsVerdict *verdict, VsCause cause, VsConfidence confidence)
{
    verdict->cause = cause;
    verdict->confidence = confidence;
    return true;
}

/* libvirt sends SIGKILL, too, to a process that it destroys, and it says so: unless it went before
 * it could, or in words that are too new for us. */
static bool
may_be_libvirts(const VsRun *run, VsEnd end)
{
    return run->stopped < 0 ? run->gap_at > 0 : end == VS_END_UNKNOWN;
}

/* QEMU told of a signal on which it goes down, in its log or as an event, so that came before its
 * end, however that was: who sent it is another question. */
static bool
was_going_down(const VsRun *run, const VsQemuLog *log)
{
    return log->outside || log->libvirt || run->shutdown == VS_SHUTDOWN_REASON_HOST_SIGNAL ||
           run->shutdown == VS_SHUTDOWN_REASON_HOST;
}

/* Nobody can tell who sent it; but the kernel tells when it did. */
static bool
judge_sigkill(VsEnd end, const VsRun *run, VsVerdict *ret)
{
    bool sure = run->process.oom == VS_OOM_NO && !may_be_libvirts(run, end);

    ret->signal = VS_SIGKILL;
    if (run->process.oom == VS_OOM_COUNTED)
        return say(ret, VS_CAUSE_OUT_OF_MEMORY, VS_CONFIDENCE_LIKELY);
    if (run->destroy_called && may_be_libvirts(run, end))
        return say(ret, VS_CAUSE_DESTROYED, VS_CONFIDENCE_LIKELY);
    return say(ret, VS_CAUSE_HOST_SIGNAL, sure ? VS_CONFIDENCE_CERTAIN : VS_CONFIDENCE_LIKELY);
}

static bool
judge_killed(VsEnd end, const VsRun *run, VsVerdict *ret)
{
    int signal = run->process.number;

    if (signal == VS_SIGKILL)
        return judge_sigkill(end, run, ret);
    ret->signal = signal;
    return say(ret, vs_signal_is_crash(signal) ? VS_CAUSE_CRASHED : VS_CAUSE_HOST_SIGNAL,
               VS_CONFIDENCE_CERTAIN);
}

/* An exit in order explains nothing: QEMU ends so by a signal that it logs, by the monitor, with
 * its guest. */
static bool
judge_alone(VsEnd end, const VsRun *run, VsVerdict *ret)
{
    switch (run->process.fate) {
    case VS_FATE_KILLED:
        return judge_killed(end, run, ret);
    case VS_FATE_EXITED:
        return run->process.number != 0 && say(ret, VS_CAUSE_CRASHED, VS_CONFIDENCE_CERTAIN);
    default:
        return run->process.oom == VS_OOM_COUNTED &&
               say(ret, VS_CAUSE_OUT_OF_MEMORY, VS_CONFIDENCE_LIKELY);
    }
}

bool
vs_process_judge(VsEnd end, const VsRun *run, const VsQemuLog *log, VsVerdict *ret)
{
    /* LOST: all that libvirt tells is of a start since. */
    bool by_itself = end == VS_END_DIED || end == VS_END_UNKNOWN || end == VS_END_LOST;

    if (run->watch != VS_PROCESS_ENDED || !by_itself || was_going_down(run, log))
        return false;
    if (run->process.oom == VS_OOM_NAMED) {
        ret->signal = VS_SIGKILL;
        return say(ret, VS_CAUSE_OUT_OF_MEMORY, VS_CONFIDENCE_CERTAIN);
    }
    return judge_alone(end, run, ret);
}

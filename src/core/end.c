/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/end.h"

static VsEnd
end_by_stopped(int detail, const VsQemuLog *log)
{
    switch (detail) {
    case VS_STOPPED_SHUTDOWN:
        return VS_END_SHUTDOWN;
    case VS_STOPPED_DESTROYED:
        return VS_END_DESTROYED;
    case VS_STOPPED_CRASHED:
        return VS_END_CRASHED;
    case VS_STOPPED_MIGRATED:
        return VS_END_MIGRATED;
    case VS_STOPPED_SAVED:
        return VS_END_SAVED;
    case VS_STOPPED_FAILED:
        return g_strcmp0(log->reason, "failed") == 0 ? VS_END_START_FAILED : VS_END_DIED;
    case VS_STOPPED_FROM_SNAPSHOT:
        return VS_END_FROM_SNAPSHOT;
    default:
        return VS_END_UNKNOWN;
    }
}

static VsEnd
end_by_shutoff_reason(int reason)
{
    switch (reason) {
    case VS_SHUTOFF_SHUTDOWN:
        return VS_END_SHUTDOWN;
    case VS_SHUTOFF_DESTROYED:
        return VS_END_DESTROYED;
    case VS_SHUTOFF_CRASHED:
        return VS_END_DIED;
    case VS_SHUTOFF_MIGRATED:
        return VS_END_MIGRATED;
    case VS_SHUTOFF_SAVED:
        return VS_END_SAVED;
    case VS_SHUTOFF_FAILED:
        return VS_END_START_FAILED;
    case VS_SHUTOFF_FROM_SNAPSHOT:
        return VS_END_FROM_SNAPSHOT;
    case VS_SHUTOFF_DAEMON:
        return VS_END_GIVEN_UP;
    default:
        return VS_END_UNKNOWN;
    }
}

/* The log's words for the same reasons. */
static VsEnd
end_by_log(const VsQemuLog *log)
{
    static const char *const words[] = {
        [VS_SHUTOFF_SHUTDOWN] = "shutdown",
        [VS_SHUTOFF_DESTROYED] = "destroyed",
        [VS_SHUTOFF_CRASHED] = "crashed",
        [VS_SHUTOFF_MIGRATED] = "migrated",
        [VS_SHUTOFF_SAVED] = "saved",
        [VS_SHUTOFF_FAILED] = "failed",
        [VS_SHUTOFF_FROM_SNAPSHOT] = "from snapshot",
        [VS_SHUTOFF_DAEMON] = "daemon",
    };

    for (int i = VS_SHUTOFF_SHUTDOWN; i < (int)G_N_ELEMENTS(words); i++) {
        if (g_strcmp0(log->reason, words[i]) == 0)
            return end_by_shutoff_reason(i);
    }
    return VS_END_UNKNOWN;
}

/* The log tells of this run, the state of the last one, which may be another where nobody looked.
 */
VsEnd
vs_end_of(const VsRun *run, const VsQemuLog *log)
{
    VsEnd end;

    if (run->stopped >= 0)
        return end_by_stopped(run->stopped, log);
    end = end_by_log(log);
    if (end == VS_END_UNKNOWN && run->state == VS_STATE_SHUTOFF)
        end = end_by_shutoff_reason(run->reason);
    /* This one had started. So libvirt says of a start since, where its log was rotated meanwhile,
     * too, and of a container that ended while it was away. */
    return end == VS_END_START_FAILED ? VS_END_LOST : end;
}

bool
vs_end_is_libvirts_own(VsEnd end)
{
    return end == VS_END_SAVED || end == VS_END_MIGRATED || end == VS_END_FROM_SNAPSHOT;
}

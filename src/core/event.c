/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/event.h"

#include "util/text.h"

#define MAX_DETAILS 12

static const char *const lifecycle_names[] = {
    [VS_LIFECYCLE_DEFINED] = "defined",   [VS_LIFECYCLE_UNDEFINED] = "undefined",
    [VS_LIFECYCLE_STARTED] = "started",   [VS_LIFECYCLE_SUSPENDED] = "suspended",
    [VS_LIFECYCLE_RESUMED] = "resumed",   [VS_LIFECYCLE_STOPPED] = "stopped",
    [VS_LIFECYCLE_SHUTDOWN] = "shutdown", [VS_LIFECYCLE_PMSUSPENDED] = "pmsuspended",
    [VS_LIFECYCLE_CRASHED] = "crashed",
};

static const char *const details[G_N_ELEMENTS(lifecycle_names)][MAX_DETAILS] = {
    [VS_LIFECYCLE_DEFINED] = {"added", "updated", "renamed", "from-snapshot"},
    [VS_LIFECYCLE_UNDEFINED] = {"removed", "renamed"},
    [VS_LIFECYCLE_STARTED] = {"booted", "migrated", "restored", "from-snapshot", "wakeup",
                              "recovered"},
    [VS_LIFECYCLE_SUSPENDED] = {"paused", "migrated", "ioerror", "watchdog", "restored",
                                "from-snapshot", "api-error", "postcopy", "postcopy-failed",
                                "guest-shutdown"},
    [VS_LIFECYCLE_RESUMED] = {"unpaused", "migrated", "from-snapshot", "postcopy",
                              "postcopy-failed"},
    [VS_LIFECYCLE_STOPPED] = {"shutdown", "destroyed", "crashed", "migrated", "saved", "failed",
                              "from-snapshot", "recreated"},
    [VS_LIFECYCLE_SHUTDOWN] = {"finished", "guest", "host"},
    [VS_LIFECYCLE_PMSUSPENDED] = {"memory", "disk"},
    [VS_LIFECYCLE_CRASHED] = {"panicked", "crashloaded"},
};

static const char *const watchdog_names[] = {
    [VS_WATCHDOG_NONE] = "none",           [VS_WATCHDOG_PAUSE] = "pause",
    [VS_WATCHDOG_RESET] = "reset",         [VS_WATCHDOG_POWEROFF] = "poweroff",
    [VS_WATCHDOG_SHUTDOWN] = "shutdown",   [VS_WATCHDOG_DEBUG] = "debug",
    [VS_WATCHDOG_INJECTNMI] = "injectnmi",
};

static const char *const hook_names[VS_N_HOOKS] = {
    [VS_HOOK_STOP_REQUESTED] = "stop-requested",
    [VS_HOOK_STEP] = "step",
    [VS_HOOK_FORCED] = "forced",
    [VS_HOOK_STOPPED] = "stopped",
};

const char *
vs_hook_name(VsHook hook)
{
    return hook_names[hook];
}

static const char *
name_of(const char *const *names, int n_names, int number)
{
    if (number < 0 || number >= n_names || !names[number])
        return "unknown";
    return names[number];
}

static bool
number_of(const char *const *names, int n_names, const char *name, int *ret)
{
    for (int i = 0; i < n_names; i++) {
        if (names[i] && g_str_equal(names[i], name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

const char *
vs_lifecycle_name(int type)
{
    return name_of(lifecycle_names, G_N_ELEMENTS(lifecycle_names), type);
}

const char *
vs_lifecycle_detail_name(int type, int detail)
{
    if (type < 0 || type >= (int)G_N_ELEMENTS(details))
        return "unknown";
    return name_of(details[type], MAX_DETAILS, detail);
}

const char *
vs_watchdog_name(int action)
{
    return name_of(watchdog_names, G_N_ELEMENTS(watchdog_names), action);
}

bool
vs_lifecycle_parse(const char *name, int *ret)
{
    return number_of(lifecycle_names, G_N_ELEMENTS(lifecycle_names), name, ret);
}

bool
vs_lifecycle_detail_parse(int type, const char *name, int *ret)
{
    if (type < 0 || type >= (int)G_N_ELEMENTS(details))
        return false;
    return number_of(details[type], MAX_DETAILS, name, ret);
}

bool
vs_watchdog_parse(const char *name, int *ret)
{
    return number_of(watchdog_names, G_N_ELEMENTS(watchdog_names), name, ret);
}

void
vs_requester_copy(VsRequester *to, const VsRequester *from)
{
    to->uid = from->uid;
    to->logged_in = from->logged_in;
    to->login_uid = from->login_uid;
    to->user = from->user ? vs_text_cut(from->user, VS_EVENT_MAX_COMM) : NULL;
    to->pid = from->pid;
    to->comm = from->comm ? vs_text_cut(from->comm, VS_EVENT_MAX_COMM) : NULL;
    to->unit = g_strdup(from->unit);
}

void
vs_requester_clear(VsRequester *by)
{
    g_clear_pointer(&by->user, g_free);
    g_clear_pointer(&by->comm, g_free);
    g_clear_pointer(&by->unit, g_free);
}

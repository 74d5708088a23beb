/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/stop-all.h"

#include "ctl/hook.h"
#include "ctl/objects.h"
#include "ctl/output.h"
#include "ctl/verbs.h"
#include "util/i18n.h"

static sd_bus_message *
new_call(VsCtl *ctl)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(ctl, "StopAll");
    int r = call ? sd_bus_message_open_container(call, 'a', "{sv}") : -1;

    if (r >= 0 && ctl->ladder)
        r = sd_bus_message_append(call, "{sv}", "ladder", "s", ctl->ladder);
    if (r >= 0 && ctl->budget > 0)
        r = sd_bus_message_append(call, "{sv}", "budget", "t", (uint64_t)ctl->budget);
    if (r >= 0 && ctl->reason)
        r = sd_bus_message_append(call, "{sv}", "reason", "s", ctl->reason);
    if (r >= 0 && ctl->host_shutdown)
        r = sd_bus_message_append(call, "{sv}", "shutdown", "b", 1);
    if (r < 0 || sd_bus_message_close_container(call) < 0)
        return NULL;
    return g_steal_pointer(&call);
}

static int
take_stops(VsStopWait *wait, sd_bus_message *reply)
{
    const char *name, *path;
    int r = sd_bus_message_enter_container(reply, 'a', "(so)");

    while (r >= 0 && (r = sd_bus_message_read(reply, "(so)", &name, &path)) > 0)
        vs_stop_wait_adopt(wait, name, path);
    return r;
}

bool
vs_stop_all_ask(VsCtl *ctl, VsStopWait *wait, GError **error)
{
    g_autoptr(sd_bus_message) call = new_call(ctl);
    g_autoptr(sd_bus_message) reply = vs_client_send(ctl, call, error);

    return reply && vs_client_check(take_stops(wait, reply), error);
}

VsExit
vs_stop_all_wait(VsCtl *ctl, VsStopWait *wait, VsStopView *view)
{
    if (vs_stop_wait_list(wait)->len == 0 && ctl->json == VS_JSON_OFF) {
        vs_output_text(_("No guest runs that is to be stopped.\n"));
        return VS_EXIT_OK;
    }
    return vs_stop_view_wait(view, wait,
                             _("No longer waiting: the stops go on. “virtstopctl cancel --all” "
                               "calls them off."));
}

VsExit
vs_verb_stop_all(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsStopView) view = NULL;
    g_autoptr(VsStopWait) wait = NULL;
    VsStopWaitOps ops;

    if (ctl->host_shutdown)
        return vs_hook_run(ctl);
    if (!vs_client_open(ctl, &error))
        return vs_output_fail(NULL, error);
    view = vs_stop_view_new(ctl);
    ops = vs_stop_view_ops(view);
    wait = vs_stop_wait_new(ctl, &ops, view, &error);
    if (!wait)
        return vs_output_fail(NULL, error);
    vs_stop_view_set_list(view, vs_stop_wait_list(wait));
    if (!vs_stop_all_ask(ctl, wait, &error))
        return vs_output_fail(NULL, error);
    return ctl->no_wait ? VS_EXIT_OK : vs_stop_all_wait(ctl, wait, view);
}

VsExit
vs_verb_restore(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sd_bus_message) reply = vs_client_call_all(ctl, "Restore", &error);

    return reply ? VS_EXIT_OK : vs_output_fail(NULL, error);
}

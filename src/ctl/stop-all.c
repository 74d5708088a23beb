/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/stop-all.h"

#include "ctl/hook.h"
#include "ctl/manager.h"
#include "ctl/output.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/text.h"

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

bool
vs_stop_all_ask(VsCtl *ctl, VsStopWait *wait, GPtrArray **ret_away, GError **error)
{
    g_autoptr(sd_bus_message) call = new_call(ctl);
    g_autoptr(sd_bus_message) reply = vs_client_send(ctl, call, error);
    g_auto(VsManagerObject) manager = {0};

    if (!reply || !vs_manager_object_get(ctl, &manager, error) ||
        !vs_client_check(vs_stop_wait_adopt(wait, reply, manager.stopping_all), error))
        return false;
    if (ret_away)
        *ret_away = g_steal_pointer(&manager.away);
    return true;
}

VsExit
vs_stop_all_tell_away(VsCtl *ctl, const VsStopWait *wait, VsExit status)
{
    bool any = vs_stop_wait_list(wait)->len > 0;
    g_autoptr(GError) error = NULL;
    g_auto(VsManagerObject) manager = {0};

    if (!vs_manager_object_get(ctl, &manager, &error)) {
        /* What was waited for was told all the same. */
        return any ? status : vs_output_fail(NULL, error);
    }
    for (unsigned i = 0; manager.away && i < manager.away->len; i++) {
        g_autofree char *quoted = vs_text_quoted(g_ptr_array_index(manager.away, i));
        vs_output_complain(_("libvirt at %s isn't connected: what runs there is not stopped."),
                           quoted);
    }
    if (any)
        return status;
    if (manager.away && manager.away->len > 0)
        return VS_EXIT_FAILED;
    if (ctl->json == VS_JSON_OFF && !ctl->no_wait)
        vs_output_text(_("No guest runs that is to be stopped.\n"));
    return VS_EXIT_OK;
}

static void
tell_waiting(const VsStopWait *wait, const GPtrArray *away)
{
    for (unsigned i = 0; away && i < away->len && !vs_stop_wait_is_over(wait); i++) {
        g_autofree char *quoted = vs_text_quoted(g_ptr_array_index(away, i));
        vs_output_complain(_("libvirt at %s isn't connected: waiting for it."), quoted);
    }
}

static VsExit
ask_and_wait(VsCtl *ctl, VsStopWait *wait, VsStopView *view)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) away = NULL;
    VsExit status = VS_EXIT_OK;

    if (!vs_stop_all_ask(ctl, wait, &away, &error))
        return vs_output_fail(NULL, error);
    if (!ctl->no_wait) {
        tell_waiting(wait, away);
        status = vs_stop_view_wait(
            view, wait,
            _("No longer waiting: the stops go on. “virtstopctl cancel --all” calls them off."));
    }
    return status > VS_EXIT_SIGNAL ? status : vs_stop_all_tell_away(ctl, wait, status);
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
    return ask_and_wait(ctl, wait, view);
}

VsExit
vs_verb_restore(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sd_bus_message) reply = vs_client_call_all(ctl, "Restore", &error);

    return reply ? VS_EXIT_OK : vs_output_fail(NULL, error);
}

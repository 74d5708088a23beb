/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/objects.h"
#include "client/stop-wait.h"
#include "ctl/joined.h"
#include "ctl/output.h"
#include "ctl/own-command.h"
#include "ctl/stop-view.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/span.h"
#include "util/text.h"
#include "words/complain.h"
#include "words/story-request.h"
#include "words/unwritten.h"

/* Who doesn't wait for a stop's end waits until virtstopd has noted it: so long, and looks so
 * often. */
#define NOTED_SPAN  (3 * VS_USEC_PER_SEC)
#define NOTED_PAUSE (20 * VS_USEC_PER_MSEC)

/* Whether it is known that the stop is noted, or, which is said, that it can't be. */
static bool
is_noted(VsCtl *ctl, const char *domain, const char *path)
{
    g_autoptr(sd_bus_message) reply = vs_client_get_all(&ctl->client, path, VS_BUS_STOP, NULL);
    g_autofree char *name = vs_text_printable(domain);
    g_auto(VsStopObject) stop = {0};
    int kept;

    if (!reply || vs_stop_object_read(&stop, reply) < 0)
        return true;
    vs_unwritten_complain_of_stop(name, &stop);
    /* An older one knows nothing of it. */
    return (stop.unkept && *stop.unkept) ||
           sd_bus_get_property_trivial(ctl->client.bus, VS_BUS_NAME, path, VS_BUS_STOP, "Kept",
                                       NULL, 'b', &kept) < 0 ||
           kept;
}

static void
tell_joined(VsCtl *ctl, const char *domain, const char *path)
{
    g_autoptr(sd_bus_message) reply = vs_client_get_all(&ctl->client, path, VS_BUS_STOP, NULL);
    g_autofree char *name = vs_text_printable(domain);
    g_auto(VsStopObject) stop = {0};

    if (reply && vs_stop_object_read(&stop, reply) >= 0)
        vs_joined_complain(ctl, name, &stop);
}

/* virtstopd does so for 2 s, and then goes on without. */
static void
await_noted(VsCtl *ctl, const char *domain, const char *path)
{
    tell_joined(ctl, domain, path);
    for (int i = 0; i < NOTED_SPAN / NOTED_PAUSE && !is_noted(ctl, domain, path); i++)
        g_usleep(NOTED_PAUSE);
}

/* What the stop is about to do, or that there was nothing to do. */
static void
tell_begun(VsCtl *ctl, const char *domain, const char *path)
{
    g_autoptr(sd_bus_message) reply = vs_client_get_all(&ctl->client, path, VS_BUS_STOP, NULL);
    g_auto(VsStopObject) stop = {0};
    g_autofree char *name = NULL, *ladder = NULL, *outcome = NULL;

    if (!reply || vs_stop_object_read(&stop, reply) < 0)
        return;
    name = vs_text_printable(stop.domain_name && *stop.domain_name ? stop.domain_name : domain);
    ladder = vs_text_printable(stop.ladder);
    if (stop.outcome && *stop.outcome) {
        outcome = vs_story_outcome(stop.outcome);
        vs_output_printf("%s: %s\n", name, outcome);
    } else {
        vs_output_printf(_("%s: being stopped (%s)\n"), name, ladder);
    }
}

static bool
ask(VsCtl *ctl, const char *domain, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_request_new_stop(&ctl->client, &ctl->request, domain);
    g_autoptr(sd_bus_message) reply = vs_client_send(&ctl->client, call, error);
    g_autoptr(json_object) object = NULL;
    g_autofree char *id = NULL;
    const char *path;

    if (!reply || !vs_client_check(sd_bus_message_read(reply, "o", &path), error))
        return false;
    await_noted(ctl, domain, path);
    if (ctl->json == VS_JSON_OFF) {
        tell_begun(ctl, domain, path);
        return true;
    }
    id = vs_objects_stop_id(path);
    object = json_object_new_object();
    vs_json_set_string(object, "domain", domain);
    vs_json_set_string(object, "stop", id);
    vs_output_json(ctl, object);
    return true;
}

static VsExit
ask_all(VsCtl *ctl, int n_args, char **args)
{
    VsExit status = VS_EXIT_OK;

    for (int i = 0; i < n_args; i++) {
        g_autoptr(GError) error = NULL;
        if (!ask(ctl, args[i], &error))
            status = vs_exit_worse(status, vs_complain_of(args[i], error));
    }
    return status;
}

VsExit
vs_verb_stop(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsStopView) view = vs_stop_view_new(ctl);
    VsStopWaitOps ops = vs_stop_view_ops(view);
    g_autoptr(VsStopWait) wait = NULL;
    g_autofree char *own = vs_own_command(ctl), *left = NULL;

    if (ctl->no_wait)
        return ask_all(ctl, n_args, args);
    left =
        g_strdup_printf(_("No longer waiting: the stops go on. “%s cancel” calls one off."), own);
    wait = vs_stop_wait_new(&ctl->client, &ctl->request, &ops, view, &error);
    if (!wait)
        return vs_complain_of(NULL, error);
    vs_stop_view_set_list(view, vs_stop_wait_list(wait));
    vs_stop_view_tell_joined(view);
    for (int i = 0; i < n_args; i++)
        vs_stop_wait_add(wait, args[i]);
    return vs_stop_view_wait(view, wait, left);
}

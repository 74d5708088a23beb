/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>

#include "client/manager.h"
#include "client/objects.h"
#include "client/stop-all.h"
#include "ctl/beside.h"
#include "ctl/glob.h"
#include "ctl/noted.h"
#include "ctl/output.h"
#include "ctl/own-command.h"
#include "ctl/part.h"
#include "ctl/stop-view.h"
#include "ctl/verbs.h"
#include "util/i18n.h"
#include "util/text.h"
#include "words/complain.h"
#include "words/whole.h"

#define HOOK "virtstop-guests"

/* Whether what is asked for may be about guests there. */
static bool
is_meant(const VsCtl *ctl, const char *uri)
{
    const VsPart *part = ctl->request.part;
    const GPtrArray *words = part ? vs_part_words(part, VS_PART_URI) : NULL;

    for (unsigned i = 0; words && i < words->len; i++)
        if (vs_glob_match(words->pdata[i], uri))
            return true;
    return !words || words->len == 0;
}

static void
leave_meant(const VsCtl *ctl, GPtrArray *away)
{
    for (unsigned i = away ? away->len : 0; i > 0; i--)
        if (!is_meant(ctl, away->pdata[i - 1]))
            g_ptr_array_remove_index(away, i - 1);
}

/* All of them being over with @status: says which libvirt isn't connected. What the verb exits
 * with: where nothing was stopped, guests may still run there. */
static VsExit
tell_away(VsCtl *ctl, const VsStopWait *wait, VsExit status)
{
    bool any = vs_stop_wait_list(wait)->len > 0;
    g_autoptr(GError) error = NULL;
    g_auto(VsManagerObject) manager = {0};

    if (!vs_manager_object_get(&ctl->client, &manager, &error)) {
        /* What was waited for was told all the same. */
        return any ? status : vs_complain_of(NULL, error);
    }
    leave_meant(ctl, manager.away);
    vs_complain_of_away(manager.away);
    if (any)
        return status;
    if (manager.away && manager.away->len > 0)
        return VS_EXIT_FAILED;
    if (ctl->json == VS_JSON_OFF)
        vs_output_text(ctl->request.part ? _("No guest of that part runs.\n")
                                         : _("No guest runs that is to be stopped.\n"));
    return VS_EXIT_OK;
}

static void
tell_waiting(const VsStopWait *wait, const GPtrArray *away)
{
    for (unsigned i = 0; away && i < away->len && !vs_stop_wait_is_over(wait); i++) {
        g_autofree char *quoted = vs_text_quoted(g_ptr_array_index(away, i));
        vs_complain(_("libvirt at %s isn't connected: waiting for it."), quoted);
    }
}

/* As stop --no-wait has it. */
static void
print_begun(const VsCtl *ctl, const VsWaited *waited)
{
    g_autoptr(json_object) object = json_object_new_object();

    vs_json_set_string(object, "domain", waited->name);
    vs_json_set_string(object, "stop", waited->id);
    vs_output_json(ctl, object);
}

/* People see what is begun, and how it came out; a program has an object for each stop. */
static void
tell_whole(const VsCtl *ctl, char *text)
{
    g_autofree char *own = text;

    if (ctl->json == VS_JSON_OFF && own)
        vs_output_printf("%s\n", own);
}

static void
tell_begin(const VsCtl *ctl, const VsStopWait *wait)
{
    const GPtrArray *list = vs_stop_wait_list(wait);

    for (unsigned i = 0; ctl->no_wait && ctl->json != VS_JSON_OFF && i < list->len; i++)
        print_begun(ctl, list->pdata[i]);
    if (list->len > 0)
        tell_whole(ctl, vs_whole_begin(vs_stop_wait_whole(wait), &ctl->client, list, ctl->no_wait));
}

/* What to do against what goes on: others may be stopped beside a part, and aren't meant. */
static char *
how_to_call_off(const VsCtl *ctl, const VsWhole *whole)
{
    g_autofree char *own = vs_own_command(ctl);
    g_autofree char *id = ctl->request.part && whole->path ? vs_objects_stop_id(whole->path) : NULL;

    return id ? g_strdup_printf(_("No longer waiting: the stops go on. “%s cancel --stop=%s” calls "
                                  "them off."),
                                own, id)
              : g_strdup_printf(_("No longer waiting: the stops go on. “%s cancel --all” calls "
                                  "them off."),
                                own);
}

static VsExit
ask_and_wait(VsCtl *ctl, VsStopWait *wait, VsStopView *view)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) away = NULL;
    g_autofree char *left = NULL;
    VsExit status = VS_EXIT_OK;

    vs_stop_view_hold(view);
    if (!vs_stop_all_ask(&ctl->client, &ctl->request, wait, &away, &error))
        return vs_complain_of(NULL, error);
    tell_begin(ctl, wait);
    if (!ctl->no_wait) {
        vs_stop_view_go_on(view, vs_stop_wait_whole(wait));
        if (!ctl->request.part) /* which waits for nobody */
            tell_waiting(wait, away);
        left = how_to_call_off(ctl, vs_stop_wait_whole(wait));
        status = vs_stop_view_wait(view, wait, left);
    }
    if (status > VS_EXIT_SIGNAL)
        return status;
    if (!ctl->no_wait)
        tell_whole(
            ctl, vs_whole_summary(vs_stop_wait_whole(wait), &ctl->client, vs_stop_wait_list(wait)));
    return tell_away(ctl, wait, status);
}

/* A virtstop-guests.service that was loaded before an upgrade calls it so. What it was told goes
 * on; how the output is to look doesn't, for the journal is no terminal. */
static VsExit
become_hook(const VsCtl *ctl)
{
    const VsScopeInfo *scope = vs_scope_info(ctl->client.scope);
    const VsRequest *request = &ctl->request;
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);

    if (ctl->client.host) {
        vs_complain("%s", _("--host-shutdown is about this host: --host is not allowed with it"));
        return VS_EXIT_USAGE;
    }
    if (request->part) {
        vs_complain("%s", _("--host-shutdown is about all guests: no part of them is allowed with "
                            "it"));
        return VS_EXIT_USAGE;
    }
    g_ptr_array_add(argv, g_strdup(HOOK));
    if (scope->option)
        g_ptr_array_add(argv, g_strdup(scope->option));
    if (request->ladder)
        g_ptr_array_add(argv, g_strconcat("--ladder=", request->ladder, NULL));
    if (request->budget > 0)
        g_ptr_array_add(argv, g_strdup_printf("--budget=%" PRIi64 "us", request->budget));
    if (request->reason)
        g_ptr_array_add(argv, g_strconcat("--reason=", request->reason, NULL));
    g_ptr_array_add(argv, NULL);
    vs_beside_become(LIBEXECDIR "/" HOOK, (char *const *)argv->pdata);
    return VS_EXIT_FAILED;
}

VsExit
vs_verb_stop_all(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VsStopView) view = NULL;
    g_autoptr(VsStopWait) wait = NULL;
    VsStopWaitOps ops;

    if (!vs_part_from_args(ctl, n_args, args, &error)) {
        vs_complain("%s", error->message);
        return VS_EXIT_USAGE;
    }
    if (ctl->host_shutdown)
        return become_hook(ctl);
    if (!vs_client_open(&ctl->client, &error))
        return vs_complain_of(NULL, error);
    view = vs_stop_view_new(ctl);
    ops = vs_stop_view_ops(view);
    wait = vs_stop_wait_new(&ctl->client, &ctl->request, &ops, view, &error);
    if (!wait)
        return vs_complain_of(NULL, error);
    vs_stop_view_set_list(view, vs_stop_wait_list(wait));
    return ask_and_wait(ctl, wait, view);
}

VsExit
vs_verb_restore(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    /* Before: those that are started are noted no longer. */
    const char *host_stop = n_args > 0 ? args[0] : NULL;
    g_autoptr(GPtrArray) noted = vs_noted_list(ctl, host_stop, NULL);
    g_autoptr(sd_bus_message) reply =
        vs_client_call_all(&ctl->client, "Restore", host_stop, &error);

    if (!reply)
        return vs_complain_of(NULL, error);
    if (noted)
        vs_noted_tell(ctl, noted);
    return VS_EXIT_OK;
}

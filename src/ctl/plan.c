/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/plan.h"

#include "ctl/output.h"
#include "ctl/part.h"
#include "ctl/plan-text.h"
#include "ctl/terminal.h"
#include "ctl/verbs.h"
#include "util/error.h"
#include "util/i18n.h"
#include "words/complain.h"

static int
append_options(const VsCtl *ctl, bool of_part, sd_bus_message *call)
{
    int r = sd_bus_message_open_container(call, 'a', "{sv}");

    if (r >= 0 && ctl->request.budget > 0)
        r = sd_bus_message_append(call, "{sv}", "budget", "t", (uint64_t)ctl->request.budget);
    if (r >= 0 && of_part)
        r = vs_request_append_part(&ctl->request, call);
    return r < 0 ? r : sd_bus_message_close_container(call);
}

json_object *
vs_plan_get(VsCtl *ctl, bool of_part, GError **error)
{
    g_autoptr(sd_bus_message) call = vs_client_new_call(&ctl->client, "Plan");
    g_autoptr(sd_bus_message) reply = NULL;
    g_autoptr(GError) why = NULL;
    json_object *plan;
    const char *text;

    if (call && append_options(ctl, of_part, call) < 0)
        g_clear_pointer(&call, sd_bus_message_unref);
    reply = vs_client_send(&ctl->client, call, error);
    if (!reply || !vs_client_check(sd_bus_message_read(reply, "s", &text), error))
        return NULL;
    plan = vs_json_parse_object(text, &why);
    if (!plan)
        g_set_error(error, VS_ERROR, VS_ERROR_FAILED, _("virtstopd's answer can't be read: %s"),
                    why->message);
    return plan;
}

static bool
is_of_nobody(json_object *plan)
{
    json_object *guests = vs_json_array(plan, "guests");

    return !guests || json_object_array_length(guests) == 0;
}

VsExit
vs_verb_plan(VsCtl *ctl, int n_args, char **args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_object) plan = NULL;
    g_autofree char *text = NULL;

    if (!vs_part_from_args(ctl, n_args, args, &error)) {
        vs_complain("%s", error->message);
        return VS_EXIT_USAGE;
    }
    plan = vs_plan_get(ctl, true, &error);
    if (!plan)
        return vs_complain_of(NULL, error);
    vs_output_open_pager(ctl);
    if (ctl->json != VS_JSON_OFF) {
        vs_output_json(ctl, plan);
        return VS_EXIT_OK;
    }
    if (is_of_nobody(plan)) {
        vs_output_text(ctl->request.part ? _("No guest of that part runs.\n")
                                         : _("No guest runs that is to be stopped.\n"));
        return VS_EXIT_OK;
    }
    text = vs_plan_format(plan, vs_terminal_columns(), !ctl->no_legend);
    vs_output_text(text);
    return VS_EXIT_OK;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/action.h"

static void
action_free(void *data)
{
    VsAction *action = data;

    vs_domain_id_clear(&action->domain);
    g_free(action->text);
    g_strfreev(action->ids);
    if (action->record)
        vs_record_free(action->record);
    g_clear_pointer(&action->request, vs_request_record_free);
    g_clear_pointer(&action->finished, vs_stop_free);
    g_free(action);
}

VsActions *
vs_actions_new(void)
{
    return g_ptr_array_new_with_free_func(action_free);
}

VsAction *
vs_actions_add(VsActions *actions, VsActionType type, const VsDomainId *domain)
{
    VsAction *action = g_new0(VsAction, 1);

    action->type = type;
    if (domain)
        vs_domain_id_copy(&action->domain, domain);
    g_ptr_array_add(actions, action);
    return action;
}

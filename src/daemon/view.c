/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/view.h"

static void
clear_guest(gpointer data)
{
    VsPlanGuest *guest = data;

    vs_domain_info_clear(&guest->info);
    vs_labels_unref(guest->labels);
}

static VsPlanGuest
copy_guest(const VsGuest *guest)
{
    VsPlanGuest copy = {
        .info =
            {
                .state = guest->state,
                .persistent = guest->persistent,
                .described = !vs_guest_why_unknown(guest),
                .description = guest->description,
            },
        .labels = vs_labels_ref(guest->labels),
    };

    copy.info.description.owner = guest->owner;
    vs_domain_id_copy(&copy.info.domain, &guest->domain);
    return copy;
}

static GArray *
copy_guests(const VsEngine *engine)
{
    g_autoptr(GPtrArray) guests = vs_engine_guests(engine);
    GArray *copies = g_array_new(FALSE, FALSE, sizeof(VsPlanGuest));

    g_array_set_clear_func(copies, clear_guest);
    for (unsigned i = 0; i < guests->len; i++) {
        const VsGuest *guest = guests->pdata[i];

        if (guest->run && !vs_run_is_over(guest->run)) {
            VsPlanGuest copy = copy_guest(guest);
            g_array_append_val(copies, copy);
        }
    }
    return copies;
}

VsView *
vs_view_new(VsScope scope, const char *directory, const VsEngine *engine, const VsPolicy *policy,
            const GPtrArray *hook_paths, bool guests)
{
    VsView *view = g_new0(VsView, 1);

    view->scope = scope;
    view->directory = g_strdup(directory);
    if (!guests)
        return view;
    vs_policy_copy(&view->policy, policy);
    view->hooks = vs_engine_runs_hooks(engine);
    view->hook_paths = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < hook_paths->len; i++)
        g_ptr_array_add(view->hook_paths, g_strdup(hook_paths->pdata[i]));
    view->guests = copy_guests(engine);
    return view;
}

void
vs_view_free(VsView *view)
{
    if (view->guests) {
        g_array_unref(view->guests);
        g_ptr_array_unref(view->hook_paths);
        vs_policy_clear(&view->policy);
    }
    g_free(view->directory);
    g_free(view);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/setup.h"

#include "util/i18n.h"
#include "util/span.h"

static const VsHookEnd ends[] = {
    [VS_SCOPE_SYSTEM] =
        {
            .host = true,
            .stays = N_("The host isn't going down: no guest is touched.\n"),
            .not_known = N_("Whether the host goes down isn't known: systemd doesn't answer, and "
                            "neither systemd-logind nor virtstopd says so. No guest is touched."),
        },
    [VS_SCOPE_USER] =
        {
            .reason = N_("the user's session ends"),
            .stays = N_("The user's session isn't ending: no guest is touched.\n"),
            .not_known = N_("Whether the user's session ends isn't known: the user's systemd "
                            "doesn't answer, and virtstopd doesn't say so. No guest is touched."),
        },
};

const VsHookEnd *
vs_hook_end(VsScope scope)
{
    return &ends[scope];
}

/* Where systemd has its own runtime directory, as we do. */
static char *
runtime_base(VsScope scope)
{
    g_autofree char *ours = vs_scope_usual_directory(scope, VS_SCOPE_RUNTIME);

    return g_path_get_dirname(ours);
}

VsHookSetup
vs_hook_setup_usual(VsScope scope, GPtrArray **ret_owned)
{
    g_autofree char *base = runtime_base(scope);
    char *systemd = g_strdup_printf("unix:path=%s/systemd/private", base);
    /* Not the state directory: that may be on a disk that hangs, and nobody else looks at this. */
    char *owned = vs_scope_usual_directory(scope, VS_SCOPE_RUNTIME);
    char *scratch = g_build_filename(base, "virtstop-hook", NULL);

    *ret_owned = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(*ret_owned, systemd);
    g_ptr_array_add(*ret_owned, owned);
    g_ptr_array_add(*ret_owned, scratch);
    return (VsHookSetup){
        .scope = scope,
        .systemd = systemd,
        .virtstopd = SBINDIR "/virtstopd",
        .owned = owned,
        .scratch = scratch,
        .call = 5 * VS_USEC_PER_SEC,
        .ask = 30 * VS_USEC_PER_SEC,
        .back = 2 * VS_USEC_PER_SEC,
        .start = 20 * VS_USEC_PER_SEC,
        .hang = 15 * VS_USEC_PER_SEC,
        .silence = 180 * VS_USEC_PER_SEC,
    };
}

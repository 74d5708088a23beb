/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook-main.h"

#include <stdlib.h>

#include "hook/hook.h"
#include "hook/options.h"
#include "util/span.h"
#include "words/complain.h"

int
hook_main(int argc, char **argv)
{
    const char *dir = g_getenv("FAKE_DIR"), *silence = g_getenv("FAKE_SILENCE");
    g_autofree char *systemd = g_strdup_printf("unix:path=%s/systemd", dir);
    g_autofree char *virtstopd = g_build_filename(dir, "virtstopd", NULL);
    g_autofree char *state = g_build_filename(dir, "own-state", NULL);
    g_autofree char *scratch = g_build_filename(dir, "scratch", NULL);
    VsHookSetup setup = {
        .systemd = systemd,
        .virtstopd = virtstopd,
        .owned = state,
        .scratch = scratch,
        .call = 1000 * VS_USEC_PER_MSEC,
        .ask = 3000 * VS_USEC_PER_MSEC,
        .back = 200 * VS_USEC_PER_MSEC,
        .start = 10000 * VS_USEC_PER_MSEC,
        .hang = 2000 * VS_USEC_PER_MSEC,
        .silence = silence ? atoi(silence) * VS_USEC_PER_MSEC : 60000 * VS_USEC_PER_MSEC,
    };
    VsHookOptions options = {0};
    g_autoptr(GError) error = NULL;

    if (!vs_hook_options_parse(argc, argv, &options, &error))
        return (int)vs_complain_of(NULL, error);
    /* --user is refused to root, which these tests may be. */
    setup.scope = g_getenv("FAKE_SESSION") ? VS_SCOPE_USER : options.scope;
    return (int)vs_hook_run(&options.request, &setup);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hook-check.h"

#include "conf/conf-load.h"
#include "core/finding.h"
#include "daemon/hook-files.h"

static void
add(GPtrArray *findings, VsFindingKind kind, char *message)
{
    VsFinding *finding = vs_finding_new(kind, NULL);

    finding->message = message;
    g_ptr_array_add(findings, finding);
}

static bool
has(const GPtrArray *paths, const char *path)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)paths, path, g_str_equal, NULL);
}

/* What came, or went, since they were looked for. */
static void
check_known(const GPtrArray *known, const GPtrArray *there, GPtrArray *findings)
{
    for (unsigned i = 0; i < there->len; i++)
        if (!has(known, there->pdata[i]))
            add(findings, VS_FINDING_HOOK_UNREAD, g_strdup(there->pdata[i]));
    for (unsigned i = 0; i < known->len; i++)
        if (!has(there, known->pdata[i]))
            add(findings, VS_FINDING_HOOK_UNREAD, g_strdup(known->pdata[i]));
}

void
vs_hook_check(VsScope scope, const GPtrArray *known, GPtrArray *findings)
{
    g_autoptr(GArray) flaws = vs_hook_flaws_new();
    g_auto(GStrv) dirs = vs_conf_dirs(scope);
    g_autoptr(GPtrArray) there = vs_hook_files_list((const char *const *)dirs, flaws);

    for (unsigned i = 0; i < flaws->len; i++) {
        const VsHookFlaw *flaw = &g_array_index(flaws, VsHookFlaw, i);

        add(findings, VS_FINDING_HOOK, g_strdup_printf("%s: %s", flaw->path, flaw->why));
    }
    check_known(known, there, findings);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook/user.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

/* util-linux's, which a host can't do without. Where it is missing root has to do. */
#define PROGRAM "setpriv"

/* As virtstopd.service has it. */
#define CAPABILITIES "-all,+dac_read_search,+kill"

VsHookUser
vs_hook_user_find(const VsHookSetup *setup)
{
    g_autofree char *program = g_find_program_in_path(PROGRAM);
    const struct passwd *entry;
    struct stat st;

    if (geteuid() != 0 || !program || !setup->owned || stat(setup->owned, &st) < 0 ||
        st.st_uid == 0)
        return (VsHookUser){0};
    entry = getpwuid(st.st_uid);
    return (VsHookUser){
        .other = true,
        .has_name = entry != NULL,
        .uid = st.st_uid,
        .gid = entry ? entry->pw_gid : st.st_gid,
    };
}

void
vs_hook_user_add_words(const VsHookUser *user, GPtrArray *argv)
{
    if (!user->other)
        return;
    g_ptr_array_add(argv, g_find_program_in_path(PROGRAM));
    g_ptr_array_add(argv, g_strdup_printf("--reuid=%u", (unsigned)user->uid));
    g_ptr_array_add(argv, g_strdup_printf("--regid=%u", (unsigned)user->gid));
    g_ptr_array_add(argv, g_strdup(user->has_name ? "--init-groups" : "--clear-groups"));
    g_ptr_array_add(argv, g_strdup("--inh-caps=" CAPABILITIES));
    g_ptr_array_add(argv, g_strdup("--ambient-caps=" CAPABILITIES));
    g_ptr_array_add(argv, g_strdup("--bounding-set=" CAPABILITIES));
    g_ptr_array_add(argv, g_strdup("--no-new-privs"));
    g_ptr_array_add(argv, g_strdup("--"));
}

bool
vs_hook_user_make_directory(const VsHookUser *user, const char *path)
{
    g_autofree char *above = g_path_get_dirname(path);

    return g_mkdir_with_parents(above, 0755) == 0 && g_mkdir_with_parents(path, 0750) == 0 &&
           (!user->other || lchown(path, user->uid, user->gid) == 0);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/hook-files.h"
#include "vs-test.h"

/* Which programs are hooks, and which may be run. */

typedef struct Dirs {
    char *top, *vendor, *admin;
} Dirs;

static char *
put(const char *dir, const char *name, int mode)
{
    char *path = g_build_filename(dir, "hooks.d", name, NULL);

    g_assert_true(g_file_set_contents(path, "#!/bin/sh\n", -1, NULL));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
    return path;
}

static void
put_only(const char *dir, const char *name, int mode)
{
    g_free(put(dir, name, mode));
}

static char *
make_dir(const char *top, const char *name)
{
    char *dir = g_build_filename(top, name, NULL);
    g_autofree char *hooks = g_build_filename(dir, "hooks.d", NULL);

    g_assert_cmpint(g_mkdir_with_parents(hooks, 0755), ==, 0);
    g_assert_cmpint(g_chmod(hooks, 0755), ==, 0);
    return dir;
}

static void
set_up(Dirs *dirs, const void *data)
{
    dirs->top = g_dir_make_tmp("vs-hooks-XXXXXX", NULL);
    dirs->vendor = make_dir(dirs->top, "vendor");
    dirs->admin = make_dir(dirs->top, "admin");
}

static void
tear_down(Dirs *dirs, const void *data)
{
    g_autofree char *quoted = g_shell_quote(dirs->top);
    g_autofree char *command = g_strconcat("rm -rf ", quoted, NULL);

    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
    g_free(dirs->top);
    g_free(dirs->vendor);
    g_free(dirs->admin);
}

static void
test_list(Dirs *dirs, const void *data)
{
    const char *both[] = {dirs->vendor, dirs->admin, NULL};
    g_autofree char *masked = g_build_filename(dirs->admin, "hooks.d", "40-masked", NULL);
    g_autofree char *hidden = put(dirs->vendor, "20-both", 0755);
    g_autofree char *seen = put(dirs->admin, "20-both", 0755);
    g_autofree char *last = put(dirs->vendor, "30-vendor", 0755);
    g_autofree char *first = put(dirs->admin, "10-admin", 0755);
    g_autoptr(GArray) flaws = vs_hook_flaws_new();
    g_autoptr(GPtrArray) list = NULL;

    put_only(dirs->vendor, "40-masked", 0755);
    g_assert_cmpint(symlink("/dev/null", masked), ==, 0);
    put_only(dirs->vendor, "50-off", 0755);
    put_only(dirs->admin, "50-off", 0644);
    put_only(dirs->admin, ".hidden", 0755);
    put_only(dirs->admin, "60-old~", 0755);
    list = vs_hook_files_list(both, flaws);
    g_assert_cmpuint(flaws->len, ==, 1);
    g_assert_true(g_str_has_suffix(g_array_index(flaws, VsHookFlaw, 0).path, "50-off"));
    g_assert_nonnull(strstr(g_array_index(flaws, VsHookFlaw, 0).why, "not executable"));
    g_assert_cmpuint(list->len, ==, 3);
    g_assert_cmpstr(list->pdata[0], ==, first);
    g_assert_cmpstr(list->pdata[1], ==, seen);
    g_assert_cmpstr(list->pdata[2], ==, last);
}

static void
test_no_directory(Dirs *dirs, const void *data)
{
    const char *none[] = {"/nonexistent", NULL};
    g_autoptr(GArray) flaws = vs_hook_flaws_new();
    g_autoptr(GPtrArray) list = vs_hook_files_list(none, flaws);

    g_assert_cmpuint(flaws->len, ==, 0);
    g_assert_cmpuint(list->len, ==, 0);
}

static void
check_refused(const char *path, const char *part)
{
    g_autofree char *why = vs_hook_files_why_not(path);

    g_assert_nonnull(why);
    g_assert_nonnull(strstr(why, part));
}

static void
test_writable(Dirs *dirs, const void *data)
{
    g_autofree char *fine = put(dirs->admin, "fine", 0755);
    g_autofree char *by_group = put(dirs->admin, "by-group", 0775);
    g_autofree char *by_all = put(dirs->admin, "by-all", 0757);
    g_autofree char *directory = g_path_get_dirname(fine);
    g_autofree char *why = vs_hook_files_why_not(fine);

    g_assert_null(why);
    check_refused(by_group, "others may write");
    check_refused(by_all, "others may write");
    g_assert_cmpint(g_chmod(directory, 0777), ==, 0);
    check_refused(fine, "others may write");
}

/* What a link leads to counts, too. */
static void
test_link(Dirs *dirs, const void *data)
{
    g_autofree char *target = put(dirs->vendor, "target", 0757);
    g_autofree char *link = g_build_filename(dirs->admin, "hooks.d", "link", NULL);

    g_assert_cmpint(symlink(target, link), ==, 0);
    check_refused(link, "others may write");
    g_assert_cmpint(g_chmod(target, 0755), ==, 0);
    g_assert_null(vs_hook_files_why_not(link));
    g_assert_cmpint(unlink(target), ==, 0);
    check_refused(link, "No such file");
}

static char *
make_plain_dir(const char *top, const char *name)
{
    char *dir = g_build_filename(top, name, NULL);

    g_assert_cmpint(g_mkdir(dir, 0755), ==, 0);
    g_assert_cmpint(g_chmod(dir, 0755), ==, 0);
    return dir;
}

static char *
make_link(const char *dir, const char *name, const char *target)
{
    char *link = g_build_filename(dir, name, NULL);

    g_assert_cmpint(symlink(target, link), ==, 0);
    return link;
}

static void
give_away(const char *path)
{
    g_assert_cmpint(lchown(path, 65534, 65534), ==, 0);
}

/* Whoever may write to a directory on the way, or owns a link there, can have it lead elsewhere. */
static void
test_chain(Dirs *dirs, const void *data)
{
    g_autofree char *target = put(dirs->vendor, "target", 0755);
    g_autofree char *between = make_plain_dir(dirs->top, "between");
    g_autofree char *inside = make_plain_dir(between, "inside");
    g_autofree char *second = make_link(inside, "second", target);
    g_autofree char *first = make_link(dirs->top, "first", "between/./inside/../inside/second");
    g_autofree char *hooks = g_build_filename(dirs->admin, "hooks.d", NULL);
    g_autofree char *link = make_link(hooks, "link", first);

    g_assert_null(vs_hook_files_why_not(link));
    g_assert_cmpint(g_chmod(inside, 0777), ==, 0);
    check_refused(link, "others may write");
    g_assert_cmpint(g_chmod(inside, 01777), ==,
                    0); /* theirs stay, where one is new it is another */
    check_refused(link, "others may write");
    g_assert_cmpint(g_chmod(inside, 0755), ==, 0);
    g_assert_cmpint(g_chmod(between, 0775), ==, 0);
    check_refused(link, "others may write");
    g_assert_cmpint(g_chmod(between, 01777), ==, 0); /* nobody else can rename what is inside */
    g_assert_null(vs_hook_files_why_not(link));
    g_assert_cmpint(g_chmod(between, 0755), ==, 0);
    if (geteuid() == 0) {
        give_away(between);
        check_refused(link, "belongs to somebody else");
        g_assert_cmpint(chown(between, 0, 0), ==, 0);
        give_away(second);
        check_refused(link, "belongs to somebody else");
    }
}

/* Of what stands above the directory of the hooks, too. */
static void
test_above(Dirs *dirs, const void *data)
{
    g_autofree char *path = put(dirs->admin, "fine", 0755);

    g_assert_null(vs_hook_files_why_not(path));
    g_assert_cmpint(g_chmod(dirs->admin, 0777), ==, 0);
    check_refused(path, "others may write");
}

static void
test_circle(Dirs *dirs, const void *data)
{
    g_autofree char *hooks = g_build_filename(dirs->admin, "hooks.d", NULL);
    g_autofree char *link = make_link(hooks, "link", "link");

    check_refused(link, "Too many levels of symbolic links");
}

static void
test_owner(Dirs *dirs, const void *data)
{
    g_autofree char *path = put(dirs->admin, "theirs", 0755);

    if (geteuid() != 0) {
        g_test_skip("only root can give a file to somebody else");
        return;
    }
    g_assert_cmpint(chown(path, 65534, 65534), ==, 0);
    check_refused(path, "belongs to somebody else");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/hook-files/list", Dirs, NULL, set_up, test_list, tear_down);
    g_test_add("/hook-files/no-directory", Dirs, NULL, set_up, test_no_directory, tear_down);
    g_test_add("/hook-files/writable", Dirs, NULL, set_up, test_writable, tear_down);
    g_test_add("/hook-files/link", Dirs, NULL, set_up, test_link, tear_down);
    g_test_add("/hook-files/chain", Dirs, NULL, set_up, test_chain, tear_down);
    g_test_add("/hook-files/above", Dirs, NULL, set_up, test_above, tear_down);
    g_test_add("/hook-files/circle", Dirs, NULL, set_up, test_circle, tear_down);
    g_test_add("/hook-files/owner", Dirs, NULL, set_up, test_owner, tear_down);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hook-files.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/i18n.h"

#define DIRECTORY "hooks.d"

static int
compare_names(const void *a, const void *b, void *userdata)
{
    return strcmp(a, b);
}

static void
clear_flaw(void *data)
{
    VsHookFlaw *flaw = data;

    g_free(flaw->path);
    g_free(flaw->why);
}

GArray *
vs_hook_flaws_new(void)
{
    GArray *flaws = g_array_new(FALSE, FALSE, sizeof(VsHookFlaw));

    g_array_set_clear_func(flaws, clear_flaw);
    return flaws;
}

static void
add_flaw(GArray *flaws, const char *path, char *why)
{
    VsHookFlaw flaw = {g_strdup(path), why};

    g_array_append_val(flaws, flaw);
}

/* Adds what @dir has, name to path, over those of the same name. */
static void
collect(GTree *files, const char *dir, GArray *flaws)
{
    g_autofree char *path = g_build_filename(dir, DIRECTORY, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) entries = g_dir_open(path, 0, &error);
    const char *name;

    if (!entries) {
        if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            add_flaw(flaws, path, g_strdup(error->message));
        return;
    }
    while ((name = g_dir_read_name(entries)))
        if (*name != '.' && !g_str_has_suffix(name, "~"))
            g_tree_replace(files, g_strdup(name), g_build_filename(path, name, NULL));
}

typedef struct Taking {
    GPtrArray *list;
    GArray *flaws;
} Taking;

/* Why it is none; NULL: nobody can have meant it to be one. */
static char *
why_no_program(const struct stat *status)
{
    return S_ISREG(status->st_mode) ? g_strdup(_("it is not executable")) : NULL;
}

static bool
is_program(const struct stat *status)
{
    return S_ISREG(status->st_mode) && (status->st_mode & 0111) != 0;
}

static gboolean
take_program(void *name, void *path, void *data)
{
    const Taking *taking = data;
    struct stat status;
    char *why;

    if (stat(path, &status) < 0) {
        add_flaw(taking->flaws, path, g_strdup(g_strerror(errno)));
        return FALSE;
    }
    if (is_program(&status))
        g_ptr_array_add(taking->list, g_strdup(path));
    why = is_program(&status) ? vs_hook_files_why_not(path) : why_no_program(&status);
    if (why)
        add_flaw(taking->flaws, path, why);
    return FALSE;
}

GPtrArray *
vs_hook_files_list(const char *const *dirs, GArray *flaws)
{
    g_autoptr(GTree) files = g_tree_new_full(compare_names, NULL, g_free, g_free);
    Taking taking = {g_ptr_array_new_with_free_func(g_free), flaws};

    for (; *dirs; dirs++)
        collect(files, *dirs, flaws);
    g_tree_foreach(files, take_program, &taking);
    return taking.list;
}

/* --- who else could change what is run --- */

/* As many as Linux follows. */
#define MAX_LINKS 40

/* The way to a program, as the kernel goes it. */
typedef struct Way {
    GString *at;      /* where it has come to: no link is in that, nor "..", nor a "/" at the end */
    struct stat here; /* ... that directory's */
    GQueue ahead;     /* of char *: the names that follow */
    unsigned n_links;
} Way;

static void
way_clear(Way *way)
{
    g_string_free(way->at, TRUE);
    g_queue_clear_full(&way->ahead, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Way, way_clear)

static char *
fails(const char *path, int error)
{
    return g_strdup_printf("%s: %s", path, g_strerror(error));
}

static bool
is_writable(const struct stat *status)
{
    return (status->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

static char *
why_not_owner(const char *path, const struct stat *status)
{
    if (status->st_uid == 0 || status->st_uid == geteuid())
        return NULL;
    return g_strdup_printf("%s belongs to somebody else", path);
}

static const char *
name_of(const Way *way)
{
    return way->at->len > 0 ? way->at->str : "/";
}

static char *
stand_here(Way *way)
{
    return lstat(name_of(way), &way->here) < 0 ? fails(name_of(way), errno) : NULL;
}

/* What @path names comes before all that is ahead. */
static void
go(Way *way, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, "/", -1);

    if (*path == '/')
        g_string_truncate(way->at, 0);
    for (unsigned n = g_strv_length(names); n > 0; n--)
        g_queue_push_head(&way->ahead, g_strdup(names[n - 1]));
}

static char *
follow(Way *way, const char *link)
{
    g_autofree char *target = NULL;
    g_autoptr(GError) error = NULL;

    if (++way->n_links > MAX_LINKS)
        return fails(link, ELOOP);
    target = g_file_read_link(link, &error);
    if (!target)
        return g_strdup(error->message);
    go(way, target);
    return stand_here(way);
}

/* Nobody else can take away a directory of ours that stands in one with the sticky bit, nor put
 * another in its place; the name of a program, or of a link, may have been free there. */
static char *
why_not_entry(const Way *way, const char *path, const struct stat *status)
{
    bool is_sticky = (way->here.st_mode & S_ISVTX) != 0 && S_ISDIR(status->st_mode);
    char *why = why_not_owner(name_of(way), &way->here);

    if (why)
        return why;
    if (is_writable(&way->here) && !is_sticky)
        return g_strdup_printf("others may write %s", name_of(way));
    if ((why = why_not_owner(path, status)))
        return why;
    if (S_ISREG(status->st_mode) && is_writable(status))
        return g_strdup_printf("others may write %s", path);
    return NULL;
}

static char *
step(Way *way, const char *name)
{
    g_autofree char *path = g_strconcat(way->at->str, "/", name, NULL);
    struct stat status;
    char *why;

    if (lstat(path, &status) < 0)
        return fails(path, errno);
    if ((why = why_not_entry(way, path, &status)))
        return why;
    if (S_ISLNK(status.st_mode))
        return follow(way, path);
    g_string_assign(way->at, path);
    way->here = status;
    return NULL;
}

/* No link is in what has been gone. */
static char *
step_back(Way *way)
{
    const char *slash = strrchr(way->at->str, '/');

    g_string_truncate(way->at, slash ? (size_t)(slash - way->at->str) : 0);
    return stand_here(way);
}

char *
vs_hook_files_why_not(const char *path)
{
    g_autofree char *here = g_path_is_absolute(path) ? NULL : g_get_current_dir();
    g_auto(Way) way = {.at = g_string_new("")};
    char *why = stand_here(&way);

    go(&way, path);
    if (here)
        go(&way, here);
    while (!why && !g_queue_is_empty(&way.ahead)) {
        g_autofree char *name = g_queue_pop_head(&way.ahead);

        if (g_str_equal(name, ".."))
            why = step_back(&way);
        else if (*name != '\0' && !g_str_equal(name, "."))
            why = step(&way, name);
    }
    return why;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hook-files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "util/i18n.h"
#include "util/text.h"

#define DIRECTORY "hooks.d"

static int
compare_names(const void *a, const void *b, void *userdata)
{
    return strcmp(a, b);
}

/* Adds what @dir has, name to path, over those of the same name. */
static void
collect(GTree *files, const char *dir)
{
    g_autofree char *path = g_build_filename(dir, DIRECTORY, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) entries = g_dir_open(path, 0, &error);
    const char *name;

    if (!entries) {
        if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            vs_log(LOG_ERR, _("Hooks can't be read: %s"), error->message);
        return;
    }
    while ((name = g_dir_read_name(entries)))
        if (*name != '.' && !g_str_has_suffix(name, "~"))
            g_tree_replace(files, g_strdup(name), g_build_filename(path, name, NULL));
}

/* A word where somebody may have meant it to be one. */
static bool
is_program(const char *path)
{
    g_autofree char *name = vs_text_quoted(path);
    struct stat status;

    if (stat(path, &status) < 0) {
        vs_log(LOG_WARNING, _("The hook %s can't be read: %s"), name, g_strerror(errno));
        return false;
    }
    if (!S_ISREG(status.st_mode))
        return false;
    if ((status.st_mode & 0111) == 0)
        vs_log(LOG_NOTICE, _("The hook %s is not executable, and is not run"), name);
    return (status.st_mode & 0111) != 0;
}

static gboolean
take_program(void *name, void *path, void *list)
{
    if (is_program(path))
        g_ptr_array_add(list, g_strdup(path));
    return FALSE;
}

GPtrArray *
vs_hook_files_list(const char *const *dirs)
{
    g_autoptr(GTree) files = g_tree_new_full(compare_names, NULL, g_free, g_free);
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

    for (; *dirs; dirs++)
        collect(files, *dirs);
    g_tree_foreach(files, take_program, list);
    return list;
}

static char *
why_not_trusted(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return g_strdup_printf("%s: %s", path, g_strerror(errno));
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return g_strdup_printf("%s belongs to somebody else", path);
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return g_strdup_printf("others may write %s", path);
    return NULL;
}

static char *
why_not_there(const char *path)
{
    g_autofree char *directory = g_path_get_dirname(path);
    char *why = why_not_trusted(directory);

    return why ? why : why_not_trusted(path);
}

char *
vs_hook_files_why_not(const char *path)
{
    g_autofree char *target = NULL;
    char *resolved = realpath(path, NULL);
    char *why = why_not_there(path);

    if (resolved && !why) {
        target = g_strdup(resolved);
        why = why_not_there(target);
    }
    free(resolved);
    return why;
}

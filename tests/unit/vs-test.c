/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vs-test.h"

#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_OPEN_DIRS 16

static char *base;
static pid_t owner;
static GPtrArray *directories;

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static void
remove_directories(void)
{
    /* A child that a test forked has no business here. */
    if (getpid() != owner)
        return;
    nftw(base, remove_entry, MAX_OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
    g_clear_pointer(&directories, g_ptr_array_unref);
    g_clear_pointer(&base, g_free);
}

static char **with_tap;

static void
free_with_tap(void)
{
    g_free(with_tap);
}

/* The framework takes what it knows out of argv, so a --tap that is there already does no harm. */
static void
add_tap(int *argc, char ***argv)
{
    static char tap[] = "--tap";

    with_tap = g_new0(char *, (size_t)*argc + 2);
    memcpy(with_tap, *argv, sizeof(char *) * (size_t)*argc);
    with_tap[(*argc)++] = tap;
    *argv = with_tap;
    atexit(free_with_tap);
}

void
vs_test_init(int *argc, char ***argv)
{
    /* Messages in English, names in UTF-8, whoever runs the test. */
    g_unsetenv("LANGUAGE");
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    setlocale(LC_ALL, "");
    add_tap(argc, argv);
    g_test_init(argc, argv, NULL);
}

void
vs_test_note(const char *text)
{
    g_autofree char *escaped = g_strescape(text, NULL);

    g_test_message("\"%.100s\"", escaped);
}

static void
make_base(void)
{
    g_autoptr(GError) error = NULL;

    base = g_dir_make_tmp("virtstop-test-XXXXXX", &error);
    g_assert_no_error(error);
    owner = getpid();
    directories = g_ptr_array_new_with_free_func(g_free);
    atexit(remove_directories);
}

const char *
vs_test_dir(void)
{
    if (!base)
        make_base();

    char *dir = g_strdup_printf("%s/%u", base, directories->len);
    g_assert_cmpint(mkdir(dir, 0700), ==, 0);
    g_ptr_array_add(directories, dir);
    return dir;
}

char *
vs_test_write(const char *dir, const char *name, const char *text)
{
    g_autoptr(GError) error = NULL;
    char *path = g_build_filename(dir, name, NULL);

    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
    return path;
}

char *
vs_test_read(const char *path)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

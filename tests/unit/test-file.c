/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/file.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "vs-test.h"

static unsigned
count_entries(const char *dir)
{
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    unsigned n = 0;

    g_assert_nonnull(entries);
    while (g_dir_read_name(entries))
        n++;
    return n;
}

static void
replace(const char *path, const char *text)
{
    g_autoptr(GError) error = NULL;

    vs_file_replace(path, text, VS_FILE_OUTLIVES_US, &error);
    g_assert_no_error(error);

    g_autofree char *now = vs_test_read(path);
    g_assert_cmpstr(now, ==, text);
}

static void
test_replace(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *path = g_build_filename(dir, "state", NULL);
    g_autofree char *large = g_strnfill(3 * 1024 * 1024, 'x');

    replace(path, "one\n");
    replace(path, "two, which is longer\n");
    replace(path, "");
    replace(path, large);
    g_assert_cmpuint(count_entries(dir), ==, 1);
}

static void
test_mode(void)
{
    g_autofree char *path = g_build_filename(vs_test_dir(), "state", NULL);
    struct stat st;

    replace(path, "secret");
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
}

/* Who has the old file open goes on reading the old text: it was not written to. */
static void
test_old_reader(void)
{
    g_autofree char *path = vs_test_write(vs_test_dir(), "state", "old");
    g_autoptr(GMappedFile) old = g_mapped_file_new(path, FALSE, NULL);

    replace(path, "new");
    g_assert_cmpmem(g_mapped_file_get_contents(old), g_mapped_file_get_length(old), "old", 3);
}

static void
test_left_over(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *left = vs_test_write(dir, "state.tmp", "of a writer that crashed");
    g_autofree char *path = g_build_filename(dir, "state", NULL);

    replace(path, "new");
    g_assert_cmpuint(count_entries(dir), ==, 1);
}

/* A link in the temporary file's place is not followed. */
static void
test_planted_link(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *victim = vs_test_write(dir, "victim", "untouched");
    g_autofree char *path = g_build_filename(dir, "state", NULL);
    g_autofree char *link = g_build_filename(dir, "state.tmp", NULL);

    g_assert_cmpint(symlink(victim, link), ==, 0);
    replace(path, "new");

    g_autofree char *text = vs_test_read(victim);
    g_assert_cmpstr(text, ==, "untouched");
}

static void
test_no_directory(void)
{
    g_autofree char *path = g_build_filename(vs_test_dir(), "missing", "state", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(vs_file_replace(path, "text", VS_FILE_OUTLIVES_US, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_nonnull(strstr(error->message, "No such file or directory"));
}

/* The target can't be replaced: nothing is left behind. */
static void
test_failed_rename(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *path = g_build_filename(dir, "a\nb", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(mkdir(path, 0700), ==, 0);
    g_assert_false(vs_file_replace(path, "text", VS_FILE_OUTLIVES_US, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "a\\x0ab”: Is a directory"));
    g_assert_cmpuint(count_entries(dir), ==, 1);
}

/* The disk is full in the middle: the old file stays as it was. */
static void
test_full(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *path = vs_test_write(dir, "state", "old");
    g_autofree char *large = g_strnfill(10000, 'x');
    g_autoptr(GError) error = NULL;
    struct rlimit before, small;

    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
    small = before;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    g_assert_false(vs_file_replace(path, large, VS_FILE_OUTLIVES_US, &error));
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "File too large"));

    g_autofree char *text = vs_test_read(path);
    g_assert_cmpstr(text, ==, "old");
    g_assert_cmpuint(count_entries(dir), ==, 1);
}

static char *
read_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    vs_file_read(path, &text, &error);
    g_assert_no_error(error);
    return text;
}

static void
refuse(const char *path, const char *why)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_assert_false(vs_file_read(path, &text, &error));
    g_assert_null(text);
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_nonnull(strstr(error->message, why));
}

static void
test_read(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *missing = g_build_filename(dir, "missing", NULL);
    g_autofree char *path = vs_test_write(dir, "state", "text");
    g_autofree char *text = read_file(path);

    g_assert_cmpstr(text, ==, "text");
    g_assert_null(read_file(missing));
}

/* What isn't ours is refused, and nothing of it is waited for. */
static void
test_read_foreign(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *fifo = g_build_filename(dir, "fifo", NULL);
    g_autofree char *link = g_build_filename(dir, "link", NULL);
    g_autofree char *path = vs_test_write(dir, "state", "text");
    g_autofree char *large = vs_test_write(dir, "large", "");

    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(symlink(path, link), ==, 0);
    g_assert_cmpint(truncate(large, VS_FILE_MAX + 1), ==, 0);
    refuse(fifo, "no regular file");
    refuse(link, "no regular file");
    refuse(dir, "no regular file");
    refuse(large, "larger");
    g_assert_cmpint(truncate(large, 1), ==, 0);
    refuse(large, "NUL");
    if (geteuid() != 0)
        return;
    g_assert_cmpint(chown(path, 65534, 65534), ==, 0);
    refuse(path, "neither ours");
}

/* Of the user that virtstopd's unit runs as, where one was started as root by hand. */
static void
test_of_owner_of_directory(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *path = vs_test_write(dir, "state", "text");
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    g_assert_cmpint(chown(path, 65534, 65534), ==, 0);
    g_assert_cmpint(chown(dir, 65534, 65534), ==, 0);
    g_assert_true(vs_file_read(path, &text, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, "text");
    g_assert_cmpint(chown(dir, 65533, 65533), ==, 0);
    refuse(path, "neither ours");
}

/* However often: nothing that was set aside is lost. */
static void
test_set_aside(void)
{
    static const char *const names[] = {"state.bad", "state.bad.2", "state.bad.3"};
    const char *dir = vs_test_dir();
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = vs_test_write(dir, "state", names[i]);
        g_autofree char *aside = vs_file_set_aside(path, &error);
        g_autofree char *base = g_path_get_basename(aside);

        g_assert_no_error(error);
        g_assert_cmpstr(base, ==, names[i]);
        g_assert_null(vs_file_set_aside(path, &error));
        g_assert_no_error(error);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        g_autofree char *text = read_file(path);

        g_assert_cmpstr(text, ==, names[i]);
    }
}

static void
test_make_directory(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *path = g_build_filename(dir, "a", "b", NULL);
    g_autofree char *file = vs_test_write(dir, "file", "");
    g_autofree char *below = g_build_filename(file, "c", NULL);
    g_autoptr(GError) error = NULL;
    struct stat st;

    g_assert_true(vs_file_make_directory(path, 0700, &error));
    g_assert_true(vs_file_make_directory(path, 0700, &error));
    g_assert_no_error(error);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_true(S_ISDIR(st.st_mode));
    g_assert_cmpint(st.st_mode & 0777, ==, 0700);

    g_assert_false(vs_file_make_directory(below, 0700, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, below));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/file/replace", test_replace);
    g_test_add_func("/file/mode", test_mode);
    g_test_add_func("/file/old-reader", test_old_reader);
    g_test_add_func("/file/left-over", test_left_over);
    g_test_add_func("/file/planted-link", test_planted_link);
    g_test_add_func("/file/no-directory", test_no_directory);
    g_test_add_func("/file/failed-rename", test_failed_rename);
    g_test_add_func("/file/full", test_full);
    g_test_add_func("/file/read", test_read);
    g_test_add_func("/file/read-foreign", test_read_foreign);
    g_test_add_func("/file/of-owner-of-directory", test_of_owner_of_directory);
    g_test_add_func("/file/set-aside", test_set_aside);
    g_test_add_func("/file/make-directory", test_make_directory);
    return g_test_run();
}

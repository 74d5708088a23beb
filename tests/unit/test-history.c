/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/history-store.h"
#include "record/history.h"
#include "record/history-query.h"
#include "util/error.h"
#include "vs-test.h"

/* What the history promises of stops.jsonl when it is opened and written to; see
 * test-history-query.c. */

static char *
new_directory(void)
{
    static unsigned number;
    g_autofree char *name = g_strdup_printf("history-%u", number++);

    return g_build_filename(vs_test_dir(), name, NULL);
}

static VsHistory *
open_history(const char *directory)
{
    g_autoptr(GError) error = NULL;
    VsHistory *history = vs_history_open(directory, 0, 0, NULL, &error);

    g_assert_no_error(error);
    return history;
}

static void
append(VsHistory *history, const char *line)
{
    g_autoptr(GError) error = NULL;

    vs_history_append(history, line, &error);
    g_assert_no_error(error);
}

/* All records, one a line. */
static char *
query_all(VsHistory *history)
{
    g_autoptr(GError) error = NULL;
    VsHistoryQuery query = {0};
    g_autoptr(GPtrArray) found = vs_history_query(history->directory, &query, &error);
    GString *all = g_string_new(NULL);

    g_assert_no_error(error);
    for (unsigned i = 0; i < found->len; i++)
        g_string_append_printf(all, "%s\n", (const char *)found->pdata[i]);
    return g_string_free(all, FALSE);
}

static void
assert_file(const char *directory, const char *name, const char *expected)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    if (!expected) {
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
        return;
    }
    g_autofree char *text = vs_test_read(path);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_kept(void)
{
    g_autofree char *directory = new_directory();

    for (int i = 0; i < 3; i++) {
        g_autoptr(VsHistory) history = open_history(directory);
        g_autofree char *line = g_strdup_printf("{\"id\":\"%d\",\"text\":\"a\\nb\"}", i);

        append(history, line);
    }
    assert_file(directory, "stops.jsonl",
                "{\"id\":\"0\",\"text\":\"a\\nb\"}\n"
                "{\"id\":\"1\",\"text\":\"a\\nb\"}\n"
                "{\"id\":\"2\",\"text\":\"a\\nb\"}\n");
    assert_file(directory, "stops.jsonl.torn", NULL);
}

static void
test_modes(void)
{
    g_autofree char *directory = new_directory();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    mode_t old = umask(022);
    g_autoptr(VsHistory) history = open_history(directory);
    struct stat st;

    umask(old);
    g_assert_cmpint(stat(directory, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0750);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0640);
}

static void
assert_mode(const char *directory, const char *name, mode_t mode)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    struct stat st;

    g_assert_cmpint(lstat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, mode);
}

/* An older version let everybody read. What an administrator gave a group stays, and what is no
 * file of ours is let alone. */
static void
test_modes_of_old(void)
{
    static const char *const names[] = {"stops.jsonl",    "stops.jsonl.1",    "stops.jsonl.17",
                                        "requests.jsonl", "requests.jsonl.1", "stops.jsonl.torn"};
    g_autofree char *directory = new_directory();
    g_autofree char *group = NULL, *link = g_build_filename(directory, "stops.jsonl.3", NULL);
    g_autofree char *other = NULL;

    g_assert_cmpint(g_mkdir(directory, 0755), ==, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = vs_test_write(directory, names[i], "{}\n");

        g_assert_cmpint(chmod(path, 0644), ==, 0);
    }
    group = vs_test_write(directory, "stops.jsonl.2", "{}\n");
    g_assert_cmpint(chmod(group, 0666), ==, 0);
    other = vs_test_write(directory, "other", "");
    g_assert_cmpint(chmod(other, 0644), ==, 0);
    g_assert_cmpint(symlink(other, link), ==, 0);

    g_autoptr(VsHistory) history = open_history(directory);
    g_autoptr(VsHistory) requests = vs_history_open_requests(history, &(bool){false}, NULL);
    g_assert_nonnull(requests);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        assert_mode(directory, names[i], 0640);
    assert_mode(directory, "stops.jsonl.2", 0660);
    assert_mode(directory, "other", 0644);
}

/* A crash may have left any part of the last write: three records, cut after @cut bytes. */
static void
check_cut(const char *whole, size_t cut)
{
    g_autofree char *directory = new_directory();
    g_autofree char *text = g_strndup(whole, cut);
    char *newline = strrchr(text, '\n');
    const char *tail = newline ? newline + 1 : text;
    bool complete = g_str_has_suffix(tail, "}}");
    g_autofree char *kept =
        complete ? g_strconcat(text, "\n", NULL) : g_strndup(text, (size_t)(tail - text));
    g_autofree char *torn = complete || !*tail ? NULL : g_strconcat(tail, "\n", NULL);
    g_autoptr(GError) error = NULL;
    bool was_torn;

    g_assert_cmpint(g_mkdir(directory, 0755), ==, 0);
    g_free(vs_test_write(directory, "stops.jsonl", text));

    g_autoptr(VsHistory) history = vs_history_open(directory, 0, 0, &was_torn, &error);
    g_assert_no_error(error);
    g_assert_cmpint(was_torn, ==, *tail != '\0');
    assert_file(directory, "stops.jsonl", kept);
    assert_file(directory, "stops.jsonl.torn", torn);

    append(history, "{\"id\":\"next\"}");
    g_autofree char *all = query_all(history);
    g_autofree char *expected = g_strconcat(kept, "{\"id\":\"next\"}\n", NULL);
    g_assert_cmpstr(all, ==, expected);
}

static void
test_torn(void)
{
    const char *whole = "{\"id\":\"1\",\"domain\":{\"name\":\"web1\"}}\n"
                        "{\"id\":\"2\",\"domain\":{\"name\":\"größe\"}}\n"
                        "{\"id\":\"3\",\"domain\":{\"name\":\"db1\"}}\n";

    for (size_t cut = 0; cut <= strlen(whole); cut++)
        check_cut(whole, cut);
}

/* File systems may fill what was lost in a power cut with zeros. */
static void
test_torn_zeros(void)
{
    static const char text[] = "{\"id\":\"1\"}\n{\"id\":\"2\"}\0\0\0\0";
    g_autofree char *directory = new_directory();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir(directory, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, text, sizeof text - 1, NULL));
    g_autoptr(VsHistory) history = vs_history_open(directory, 0, 0, NULL, &error);
    g_assert_no_error(error);
    assert_file(directory, "stops.jsonl", "{\"id\":\"1\"}\n");
}

/* Each crash's piece is kept, and far more than one block of it. */
static void
test_torn_again(void)
{
    g_autofree char *directory = new_directory();
    g_autofree char *large = g_strnfill(200000, 'x');
    g_autofree char *torn = g_strdup_printf("{\"a\n{\"%s\n", large);

    g_assert_cmpint(g_mkdir(directory, 0755), ==, 0);
    g_free(vs_test_write(directory, "stops.jsonl", "{\"a"));
    vs_history_free(open_history(directory));

    g_autofree char *text = g_strdup_printf("{\"id\":\"1\"}\n{\"%s", large);
    g_free(vs_test_write(directory, "stops.jsonl", text));
    vs_history_free(open_history(directory));
    assert_file(directory, "stops.jsonl", "{\"id\":\"1\"}\n");
    assert_file(directory, "stops.jsonl.torn", torn);
}

static void
test_locked(void)
{
    g_autofree char *directory = new_directory();
    g_autofree char *pid = g_strdup_printf("%d", (int)getpid());
    g_autoptr(VsHistory) first = open_history(directory);
    g_autoptr(GError) error = NULL;

    g_assert_null(vs_history_open(directory, 0, 0, NULL, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_LOCKED);
    g_assert_nonnull(strstr(error->message, directory));
    g_assert_nonnull(strstr(error->message, pid));

    g_clear_pointer(&first, vs_history_free);
    vs_history_free(open_history(directory));
}

/* As an older version made it: readable, and so to be locked, by everybody. */
static int
make_open_lock(const char *directory, const char *text)
{
    g_autofree char *path = g_build_filename(directory, "stops.lock", NULL);
    int fd;

    g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
    return fd;
}

/* Holds the lock of @fd, whoever else may be. */
static pid_t
hold_as(int fd, uid_t uid)
{
    int told[2];
    char byte;
    pid_t child;

    g_assert_cmpint(pipe(told), ==, 0);
    child = fork();
    if (child == 0) {
        if (uid != 0 && setuid(uid) < 0)
            _exit(1);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
        if (flock(fd, LOCK_EX | LOCK_NB) < 0 || write(told[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(told[1]);
    g_assert_cmpint(read(told[0], &byte, 1), ==, 1);
    close(told[0]);
    close(fd);
    return child;
}

static pid_t
hold(int fd)
{
    return hold_as(fd, 0);
}

static void
let_go(pid_t child)
{
    g_assert_cmpint(kill(child, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
}

static void
assert_own_lock(const char *directory)
{
    g_autofree char *path = g_build_filename(directory, "stops.lock", NULL);
    g_autofree char *new = g_strconcat(path, ".new", NULL);
    struct stat st;

    g_assert_cmpint(lstat(path, &st), ==, 0);
    g_assert_true(S_ISREG(st.st_mode));
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    g_assert_cmpint(access(new, F_OK), <, 0);
}

/* Who holds the lock of an older version, and is no virtstopd, holds up nobody. */
static void
test_lock_of_stranger(void)
{
    static const char *const texts[] = {"", "1\n", "999999999\n", "no number\n"};

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *directory = new_directory();
        pid_t stranger = hold(make_open_lock(directory, texts[i]));
        g_autoptr(VsHistory) history = open_history(directory);

        append(history, "{\"id\":\"1\"}");
        assert_file(directory, "stops.jsonl", "{\"id\":\"1\"}\n");
        assert_own_lock(directory);
        g_assert_null(vs_history_open(directory, 0, 0, NULL, NULL));
        let_go(stranger);
        g_assert_null(vs_history_open(directory, 0, 0, NULL, NULL));
    }
}

/* A virtstopd of an older version that still runs does; the next start makes the lock our own. */
static void
test_lock_of_old_daemon(void)
{
    g_autofree char *directory = new_directory();
    int fd = make_open_lock(directory, "");
    g_autoptr(GError) error = NULL;
    pid_t daemon = hold(dup(fd));
    g_autofree char *pid = g_strdup_printf("%d\n", (int)daemon);

    g_assert_cmpint(pwrite(fd, pid, strlen(pid), 0), ==, (ssize_t)strlen(pid));
    g_assert_null(vs_history_open(directory, 0, 0, NULL, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_LOCKED);
    g_assert_nonnull(strstr(error->message, g_strstrip(pid)));

    let_go(daemon);
    vs_history_free(open_history(directory));
    assert_own_lock(directory);
    close(fd);
}

/* As one that the unit runs as its own user keeps away one that is started as root. */
static void
test_lock_of_other_user(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(GError) error = NULL;
    g_autoptr(VsHistory) history = NULL;
    g_autofree char *pid = NULL;
    pid_t daemon;
    int fd;

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    fd = make_open_lock(directory, "");
    g_assert_cmpint(fchmod(fd, 0600), ==, 0);
    g_assert_cmpint(fchown(fd, 65534, 65534), ==, 0);
    g_assert_cmpint(chown(directory, 65534, 65534), ==, 0);
    daemon = hold_as(dup(fd), 65534);
    pid = g_strdup_printf("%d\n", (int)daemon);
    g_assert_cmpint(pwrite(fd, pid, strlen(pid), 0), ==, (ssize_t)strlen(pid));
    g_assert_null(vs_history_open(directory, 0, 0, NULL, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_LOCKED);
    let_go(daemon);
    history = open_history(directory);
    close(fd);
}

static void
test_lock_is_fifo(void)
{
    g_autofree char *directory = new_directory();
    g_autofree char *path = g_build_filename(directory, "stops.lock", NULL);

    g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
    g_assert_cmpint(mkfifo(path, 0644), ==, 0);
    vs_history_free(open_history(directory));
    assert_own_lock(directory);
}

static void
test_unwritable(void)
{
    g_autofree char *file = vs_test_write(vs_test_dir(), "file", "");
    g_autofree char *below = g_build_filename(file, "virtstop", NULL);
    g_autofree char *directory = new_directory();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(vs_history_open(below, 0, 0, NULL, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, below));
    g_assert_nonnull(strstr(error->message, g_strerror(ENOTDIR)));
    g_clear_error(&error);

    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
    g_assert_null(vs_history_open(directory, 0, 0, NULL, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
    g_clear_error(&error);

    g_assert_cmpint(g_rmdir(path), ==, 0);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_null(vs_history_open(directory, 0, 0, NULL, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, directory));
}

/* Lets files of this process grow to @bytes and no further, as a full disk does. */
static void
limit_files(rlim_t bytes)
{
    struct rlimit limit;

    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    limit.rlim_cur = MIN(bytes, limit.rlim_max);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

/* Wherever in the line the disk is full, nothing of the line stays, and later there is room again.
 */
static void
test_full(void)
{
    const char *line = "{\"id\":\"2\",\"reason\":\"maintenance\"}";
    g_autofree char *directory = new_directory();
    g_autoptr(VsHistory) history = open_history(directory);

    signal(SIGXFSZ, SIG_IGN);
    append(history, "{\"id\":\"1\"}");
    for (size_t room = 0; room <= strlen(line); room++) {
        g_autoptr(GError) error = NULL;

        limit_files(strlen("{\"id\":\"1\"}\n") + room);
        bool appended = vs_history_append(history, line, &error);
        limit_files(RLIM_INFINITY);
        g_assert_false(appended);
        g_assert_error(error, VS_ERROR, VS_ERROR_IO);
        g_assert_nonnull(strstr(error->message, "stops.jsonl"));
        g_assert_nonnull(strstr(error->message, g_strerror(EFBIG)));
        assert_file(directory, "stops.jsonl", "{\"id\":\"1\"}\n");
    }

    append(history, line);
    g_autofree char *all = query_all(history);
    g_assert_cmpstr(all, ==, "{\"id\":\"1\"}\n{\"id\":\"2\",\"reason\":\"maintenance\"}\n");
}

/* As an administrator, or logrotate, may do. */
static void
test_moved_away(void)
{
    g_autofree char *directory = new_directory();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    g_autofree char *saved = g_build_filename(directory, "saved", NULL);
    g_autoptr(VsHistory) history = open_history(directory);

    append(history, "{\"id\":\"1\"}");
    g_assert_cmpint(g_rename(path, saved), ==, 0);
    append(history, "{\"id\":\"2\"}");
    assert_file(directory, "saved", "{\"id\":\"1\"}\n");
    assert_file(directory, "stops.jsonl", "{\"id\":\"2\"}\n");

    g_assert_cmpint(g_unlink(path), ==, 0);
    g_autofree char *none = query_all(history);
    g_assert_cmpstr(none, ==, "");
    append(history, "{\"id\":\"3\"}");
    assert_file(directory, "stops.jsonl", "{\"id\":\"3\"}\n");
}

/* Another program's line without a newline doesn't spoil ours. */
static void
test_foreign_text(void)
{
    g_autofree char *directory = new_directory();
    g_autofree char *path = g_build_filename(directory, "stops.jsonl", NULL);
    g_autoptr(VsHistory) history = open_history(directory);

    append(history, "{\"id\":\"1\"}");
    FILE *file = fopen(path, "a");
    g_assert_nonnull(file);
    fputs("# a note", file);
    g_assert_cmpint(fclose(file), ==, 0);
    append(history, "{\"id\":\"2\"}");
    assert_file(directory, "stops.jsonl", "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
    assert_file(directory, "stops.jsonl.torn", "# a note\n");
}

static void
test_two_lines(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(VsHistory) history = open_history(directory);
    g_autoptr(GError) error = NULL;

    g_assert_false(vs_history_append(history, "{\"id\":\"1\"}\n{\"id\":\"2\"}", &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    assert_file(directory, "stops.jsonl", "");
}

/* Appends with rotation, telling of each record that is safe, until it is killed. */
G_GNUC_NORETURN static void
append_until_killed(const char *directory, int round, int fd)
{
    g_autoptr(VsHistory) history = vs_history_open(directory, 500, 1000, NULL, NULL);

    for (int i = 0; history; i++) {
        g_autofree char *id = g_strdup_printf("%d-%d", round, i);
        g_autofree char *line = g_strdup_printf("{\"id\":\"%s\",\"text\":\"%0*d\"}", id, i % 80, 0);
        g_autofree char *told = g_strconcat(id, "\n", NULL);

        if (!vs_history_append(history, line, NULL) || write(fd, told, strlen(told)) < 0)
            break;
    }
    _exit(1);
}

/* Kills a writer after @acks records and adds what it told of to @ids. */
static void
kill_writer(const char *directory, int round, int acks, GPtrArray *ids)
{
    char line[32];
    int fds[2], status;

    g_assert_cmpint(pipe(fds), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        append_until_killed(directory, round, fds[1]);
    }
    g_assert_cmpint(pid, >, 0);
    close(fds[1]);

    FILE *told = fdopen(fds[0], "r");
    while (fgets(line, sizeof line, told)) {
        g_ptr_array_add(ids, g_strndup(line, strcspn(line, "\n")));
        if (--acks == 0)
            kill(pid, SIGKILL);
    }
    fclose(told);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status));
}

static void
test_killed(void)
{
    g_autofree char *directory = new_directory();
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    for (int round = 0; round < 20; round++)
        kill_writer(directory, round, 1 + round * 2, ids);

    g_autoptr(VsHistory) history = open_history(directory);
    g_autofree char *all = query_all(history);
    const char *at = all;
    for (unsigned i = 0; i < ids->len; i++) {
        g_autofree char *start = g_strdup_printf("{\"id\":\"%s\"", (char *)ids->pdata[i]);

        at = strstr(at, start);
        if (!at)
            g_error("The record %s was told of, and is lost or out of order", start);
        at++;
        g_assert_null(strstr(at, start));
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/history/kept", test_kept);
    g_test_add_func("/history/modes", test_modes);
    g_test_add_func("/history/modes/of-old", test_modes_of_old);
    g_test_add_func("/history/torn", test_torn);
    g_test_add_func("/history/torn/zeros", test_torn_zeros);
    g_test_add_func("/history/torn/again", test_torn_again);
    g_test_add_func("/history/locked", test_locked);
    g_test_add_func("/history/lock-of-stranger", test_lock_of_stranger);
    g_test_add_func("/history/lock-of-old-daemon", test_lock_of_old_daemon);
    g_test_add_func("/history/lock-of-other-user", test_lock_of_other_user);
    g_test_add_func("/history/lock-is-fifo", test_lock_is_fifo);
    g_test_add_func("/history/unwritable", test_unwritable);
    g_test_add_func("/history/full", test_full);
    g_test_add_func("/history/moved-away", test_moved_away);
    g_test_add_func("/history/foreign-text", test_foreign_text);
    g_test_add_func("/history/two-lines", test_two_lines);
    g_test_add_func("/history/killed", test_killed);
    return g_test_run();
}

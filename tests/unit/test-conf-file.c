/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/conf-load.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf-fixture.h"
#include "util/error.h"
#include "vs-test.h"

static void
test_syntax(void)
{
    g_autoptr(VsConf) conf = vs_test_conf_load_text("\xef\xbb\xbf# a comment \\\n"
                                                    "; another = one\n"
                                                    "\n"
                                                    "  [Default]  \r\n"
                                                    "\t Paused \t= leave \t\r\n"
                                                    "Ladder=agent:30s \\\n"
                                                    "# between the lines\n"
                                                    "  power-button:10s\\\r\n"
                                                    "destroy\n"
                                                    "[Daemon]\n"
                                                    "HistoryMaxFiles=9");

    vs_test_conf_check_ladder(conf, "agent:30s power-button:10s destroy");
    g_assert_cmpint(conf->policy.all.paused, ==, VS_PAUSED_LEAVE);
    g_assert_cmpuint(conf->history_files, ==, 9);
    g_assert_cmpuint(conf->warnings->len, ==, 0);
}

static void
test_continuation_at_end(void)
{
    g_autoptr(VsConf) conf = vs_test_conf_load_text("[Default]\nPaused=leave\\");
    g_autoptr(VsConf) doubled =
        vs_test_conf_load_text("[Daemon]\nX-Path=C:\\\\\nHistoryMaxFiles=2\n");

    g_assert_cmpint(conf->policy.all.paused, ==, VS_PAUSED_LEAVE);
    g_assert_cmpuint(doubled->history_files, ==, 2);
}

static void
test_bad_syntax(void)
{
    vs_test_conf_check_refused("Paused=leave\n",
                               ":1: can't make sense of “Paused=leave” (allowed: assignments "
                               "behind a section, such as [Default])");
    vs_test_conf_check_refused("[Default]\nPaused\n",
                               ":2: can't make sense of “Paused” (allowed: Key=value, "
                               "[Section], or # before a comment)");
    vs_test_conf_check_refused("[Default]\n=leave\n",
                               ":2: can't make sense of “=leave” (allowed: Key=value, "
                               "[Section], or # before a comment)");
    vs_test_conf_check_refused("[Default\n",
                               ":1: can't make sense of “[Default” (allowed: a section, such as "
                               "[Default])");
    vs_test_conf_check_refused(
        "[]\n", ":1: can't make sense of “[]” (allowed: a section, such as [Default])");
}

static void
test_bad_bytes(void)
{
    static const char with_nul[] = "[Default]\n\nPau\0sed=leave\n";
    g_autofree char *nul = vs_test_conf_refuse_bytes(with_nul, sizeof with_nul - 1);
    g_autofree char *latin1 = vs_test_conf_refuse("# caf\xe9\n[Default]\n");

    g_assert_cmpstr(nul, ==, ":3: a NUL byte (allowed: text in UTF-8)");
    g_assert_cmpstr(latin1, ==, ":1: not UTF-8 (allowed: text in UTF-8)");
}

static void
test_too_large(void)
{
    g_autofree char *text = g_strnfill(1024 * 1024 + 1, '#');
    g_autofree char *path = vs_test_write(vs_test_dir(), "virtstop.conf", text);
    g_autoptr(GError) error = NULL;

    g_assert_null(vs_conf_load_file(VS_SCOPE_SYSTEM, path, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "is too large (allowed: 1048576 bytes)"));

    text[1024 * 1024] = '\0';
    g_autoptr(VsConf) most = vs_test_conf_load_text(text);
    vs_test_conf_check_defaults(most);
}

static void
test_no_such_file(void)
{
    g_autofree char *missing = g_build_filename(vs_test_dir(), "missing.conf", NULL);
    const char *directory = vs_test_dir();
    g_autoptr(GError) error = NULL;

    g_assert_null(vs_conf_load_file(VS_SCOPE_SYSTEM, missing, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, missing));
    g_assert_nonnull(strstr(error->message, "No such file or directory"));
    g_clear_error(&error);

    g_assert_null(vs_conf_load_file(VS_SCOPE_SYSTEM, directory, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "Is a directory"));
}

/* The usual places in a directory of ours. The path of the drop-ins' directory is the caller's. */
static char *
enter_directory(void)
{
    const char *dir = vs_test_dir();
    char *drop_ins = g_build_filename(dir, "virtstop.conf.d", NULL);

    g_assert_cmpint(mkdir(drop_ins, 0700), ==, 0);
    g_setenv("CONFIGURATION_DIRECTORY", dir, TRUE);
    return drop_ins;
}

/* A FIFO would keep the daemon from starting for ever. */
static void
test_fifo(void)
{
    g_autofree char *drop_ins = enter_directory();
    g_autofree char *path = g_build_filename(drop_ins, "10-pipe.conf", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_null(vs_conf_load(VS_SCOPE_SYSTEM, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
}

static void *
write_late(void *path)
{
    int fd = open(path, O_WRONLY);

    g_usleep(10 * 1000); /* the reader is there, and finds nothing yet */
    g_assert_cmpint(write(fd, "[Daemon]\nMaxParallel=5\n", 23), ==, 23);
    close(fd);
    return NULL;
}

/* One that somebody names is waited for. */
static void
test_named_fifo(void)
{
    g_autofree char *path = g_build_filename(vs_test_dir(), "pipe", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VsConf) conf = NULL;
    GThread *writer;

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    writer = g_thread_new("writer", write_late, path);
    conf = vs_conf_load_file(VS_SCOPE_SYSTEM, path, &error);
    g_thread_join(writer);
    g_assert_no_error(error);
    g_assert_cmpuint(conf->policy.max_parallel, ==, 5);
}

/* A socket, as an ssh's standard input is, can't be opened by its path. */
static void
test_standard_input(void)
{
    static const char text[] = "[Guest a]\nPriority=much\n";
    g_autoptr(GError) error = NULL;
    int ends[2], before = dup(STDIN_FILENO);

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    g_assert_cmpint(write(ends[1], text, strlen(text)), ==, strlen(text));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    g_assert_null(vs_conf_load_file(VS_SCOPE_SYSTEM, "/dev/stdin", &error));
    if (before >= 0) {
        dup2(before, STDIN_FILENO);
        close(before);
    }
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, "/dev/stdin:2: Priority="));
}

static VsConf *
load(void)
{
    g_autoptr(GError) error = NULL;
    VsConf *conf = vs_conf_load(VS_SCOPE_SYSTEM, &error);

    g_assert_no_error(error);
    return conf;
}

static void
put(const char *dir, const char *name, const char *text)
{
    g_free(vs_test_write(dir, name, text));
}

static void
test_nothing_there(void)
{
    g_autofree char *drop_ins = enter_directory();
    g_autoptr(VsConf) empty = load();

    g_assert_cmpint(rmdir(drop_ins), ==, 0);
    g_autoptr(VsConf) without = load();
    vs_test_conf_check_defaults(empty);
    vs_test_conf_check_defaults(without);
}

static void
test_drop_ins(void)
{
    g_autofree char *drop_ins = enter_directory();

    put(g_getenv("CONFIGURATION_DIRECTORY"), "virtstop.conf",
        "[Daemon]\nUris=test:///main\nHistoryMaxFiles=1\n[Default]\nPaused=leave\n");
    put(drop_ins, "20-b.conf", "[Daemon]\nUris=test:///b\nHistoryMaxFiles=20\n");
    put(drop_ins, "10-a.conf", "[Daemon]\nUris=test:///a\nHistoryMaxFiles=10\nFoo=1\n");
    put(drop_ins, ".hidden.conf", "[Daemon]\nHistoryMaxFiles=x\n");
    put(drop_ins, "30-c.conf~", "[Daemon]\nHistoryMaxFiles=x\n");

    g_autoptr(VsConf) conf = load();
    vs_test_conf_check_uris(conf, "test:///main test:///a test:///b");
    g_assert_cmpuint(conf->history_files, ==, 20);
    g_assert_cmpint(conf->policy.all.paused, ==, VS_PAUSED_LEAVE);
    g_assert_cmpuint(conf->warnings->len, ==, 1);
    g_assert_nonnull(strstr(conf->warnings->pdata[0], "virtstop.conf.d/10-a.conf:4: "));
}

static void
test_masked_drop_in(void)
{
    g_autofree char *drop_ins = enter_directory();
    g_autofree char *path = g_build_filename(drop_ins, "10-a.conf", NULL);

    g_assert_cmpint(symlink("/dev/null", path), ==, 0);
    g_autoptr(VsConf) conf = load();
    vs_test_conf_check_defaults(conf);
}

/* The vendor's files and the administrator's: main files first, drop-ins by name, the last
 * directory's of the same name alone. */
static void
test_two_directories(void)
{
    g_autofree char *vendor = enter_directory(), *vendor_dir = g_path_get_dirname(vendor);
    g_autofree char *admin = enter_directory(), *admin_dir = g_path_get_dirname(admin);
    const char *const dirs[] = {vendor_dir, admin_dir, NULL};
    g_autofree char *mask = g_build_filename(admin, "30-c.conf", NULL);
    g_autoptr(GError) error = NULL;

    put(vendor_dir, "virtstop.conf", "[Daemon]\nUris=test:///1\nAgentCall=shutdown\n");
    put(admin_dir, "virtstop.conf", "[Daemon]\nUris=test:///2\nAgentCall=command\n");
    put(vendor, "20-b.conf", "[Daemon]\nUris=test:///replaced\n");
    put(admin, "20-b.conf", "[Daemon]\nUris=test:///4\nHistoryMaxFiles=20\n");
    put(admin, "10-a.conf", "[Daemon]\nUris=test:///3\nHistoryMaxFiles=10\n");
    put(vendor, "30-c.conf", "[Daemon]\nUris=test:///masked\n");
    g_assert_cmpint(symlink("/dev/null", mask), ==, 0);
    put(vendor, "40-d.conf", "[Daemon]\nUris=test:///5\n");

    g_autoptr(VsConf) conf = vs_conf_load_dirs(VS_SCOPE_SYSTEM, dirs, &error);
    g_assert_no_error(error);
    vs_test_conf_check_uris(conf, "test:///1 test:///2 test:///3 test:///4 test:///5");
    g_assert_true(conf->agent_command);
    g_assert_cmpuint(conf->history_files, ==, 20);
}

static void
test_bad_drop_in(void)
{
    g_autofree char *drop_ins = enter_directory();
    g_autoptr(GError) error = NULL;

    put(drop_ins, "10-a.conf", "[Default]\nPaused=maybe\n");
    put(drop_ins, "20-b.conf", "[Default]\nPaused=leave\n");
    g_assert_null(vs_conf_load(VS_SCOPE_SYSTEM, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "virtstop.conf.d/10-a.conf:2: Paused=: “maybe”"));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/conf-file/syntax", test_syntax);
    g_test_add_func("/conf-file/continuation-at-end", test_continuation_at_end);
    g_test_add_func("/conf-file/bad-syntax", test_bad_syntax);
    g_test_add_func("/conf-file/bad-bytes", test_bad_bytes);
    g_test_add_func("/conf-file/too-large", test_too_large);
    g_test_add_func("/conf-file/no-such-file", test_no_such_file);
    g_test_add_func("/conf-file/fifo", test_fifo);
    g_test_add_func("/conf-file/named-fifo", test_named_fifo);
    g_test_add_func("/conf-file/standard-input", test_standard_input);
    g_test_add_func("/conf-file/nothing-there", test_nothing_there);
    g_test_add_func("/conf-file/drop-ins", test_drop_ins);
    g_test_add_func("/conf-file/masked-drop-in", test_masked_drop_in);
    g_test_add_func("/conf-file/two-directories", test_two_directories);
    g_test_add_func("/conf-file/bad-drop-in", test_bad_drop_in);
    return g_test_run();
}

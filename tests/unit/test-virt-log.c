/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The lines of QEMU's log that count. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/text.h"
#include "virt/qemu-log.h"
#include "vs-test.h"

#define STARTING    "2026-11-22 19:47:07.108+0000: starting up libvirt version: 9.0.0\n"
#define TERMINATING "2026-11-22T19:47:08.711934Z qemu: terminating on signal 15 from pid 1 (x)\n"
#define DOWN        "2026-11-22 19:47:08.711+0000: shutting down, reason=destroyed\n"

static void
assert_tail(const char *path, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = vs_qemu_log_tail(path, &error);
    g_autofree char *joined = NULL;
    g_autofree char *text = NULL;

    g_assert_no_error(error);
    joined = g_strjoinv("\n", lines);
    text = g_strconcat(joined, lines[0] ? "\n" : "", NULL);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_log_lines(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *log = vs_test_write(
        dir, "lines.log", STARTING "LC_ALL=C \\\n-name guest=x\nchatter\n" TERMINATING DOWN);
    g_autofree char *empty = vs_test_write(dir, "empty.log", "");
    g_autofree char *torn =
        vs_test_write(dir, "torn.log", STARTING "qemu: terminating on signal 9");

    assert_tail(log, STARTING TERMINATING DOWN);
    assert_tail(empty, "");
    assert_tail(torn, STARTING "qemu: terminating on signal 9\n");
}

#define HOME  "HOME=/var/lib/libvirt/qemu/domain-3-x \\\n"
#define UUID  "-uuid 11111111-2222-4333-8444-555555555501 \\\n"
#define OTHER "-uuid 11111111-2222-4333-8444-555555555502 \\\n"

/* Whose run it is stands in the command line, the first time that it is said. */
static void
test_log_command(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *log = vs_test_write(
        dir, "command.log",
        OTHER STARTING "LC_ALL=C \\\n" HOME "-chardev path=/domain-4-y/x \\\n" UUID OTHER
                       "-append x\n" OTHER HOME TERMINATING STARTING HOME UUID DOWN);

    assert_tail(log, STARTING HOME UUID TERMINATING STARTING HOME UUID DOWN);
}

/* The older log goes before all that stands in the newer one, a command line among it; of that the
 * beginning may be missing, and then nobody knows what was in between. */
static void
test_log_rotated(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *whole = vs_test_write(dir, "whole.log", STARTING DOWN);
    g_autofree char *whole_0 = vs_test_write(dir, "whole.log.0", STARTING TERMINATING);
    g_autofree char *rest = vs_test_write(dir, "rest.log", "chatter\n" DOWN);
    g_autofree char *rest_0 = vs_test_write(dir, "rest.log.0", STARTING "chatter\n" TERMINATING);
    g_autofree char *split = vs_test_write(dir, "split.log", UUID "chatter\n" DOWN);
    g_autofree char *split_0 =
        vs_test_write(dir, "split.log.0", STARTING HOME "-name guest=x \\\n");
    g_autofree char *chatter = g_strnfill(300 * 1024, '\n');
    g_autofree char *long_text = g_strconcat(chatter, DOWN, NULL);
    g_autofree char *long_log = vs_test_write(dir, "long-rest.log", long_text);
    g_autofree char *long_0 = vs_test_write(dir, "long-rest.log.0", STARTING HOME UUID);

    assert_tail(whole, STARTING TERMINATING STARTING DOWN);
    assert_tail(rest, STARTING TERMINATING DOWN);
    assert_tail(split, STARTING HOME UUID DOWN);
    assert_tail(long_log, DOWN);
}

/* A guest can make QEMU write as much as it likes. */
static void
test_log_limits(void)
{
    g_autoptr(GString) text = g_string_new(TERMINATING);
    g_autofree char *many = NULL;
    g_autofree char *big = NULL;
    g_autofree char *long_line = NULL;
    g_auto(GStrv) lines = NULL;

    for (int i = 0; i < 300; i++)
        g_string_append_printf(text, "%d: shutting down, reason=x\n", i);
    many = vs_test_write(vs_test_dir(), "many.log", text->str);
    lines = vs_qemu_log_tail(many, NULL);
    g_assert_cmpuint(g_strv_length(lines), ==, 200);
    g_assert_cmpstr(lines[199], ==, "299: shutting down, reason=x");

    g_string_assign(text, TERMINATING);
    while (text->len < 400 * 1024)
        g_string_append(text, "chatter that goes on and on, shutting down, never\n");
    g_string_append(text, DOWN);
    big = vs_test_write(vs_test_dir(), "big.log", text->str);
    assert_tail(big, DOWN);

    /* The tail's first line is only the end of one. */
    g_string_assign(text, "");
    while (text->len < 400 * 1024)
        g_string_append(text, "shutting down, reason=x ");
    g_string_append(text, "\n" DOWN);
    long_line = vs_test_write(vs_test_dir(), "long.log", text->str);
    g_strfreev(lines);
    lines = vs_qemu_log_tail(long_line, NULL);
    g_assert_cmpuint(g_strv_length(lines), ==, 1);
}

/* What a killer calls itself is its own affair; 160 KB of it were seen. */
static void
test_log_long_line(void)
{
    g_autofree char *name = g_strnfill(160 * 1024, 'x');
    g_autofree char *line = g_strdup_printf(
        "2026-11-22T10:30:00.446931Z q: terminating on signal 15 from pid 4711 (%s)\n" DOWN, name);
    g_autofree char *path = vs_test_write(vs_test_dir(), "killer.log", line);
    g_auto(GStrv) lines = vs_qemu_log_tail(path, NULL);

    g_assert_cmpuint(g_strv_length(lines), ==, 2);
    g_assert_true(g_str_has_prefix(lines[0], "2026-11-22T10:30:00.446931Z q: terminating on "
                                             "signal 15 from pid 4711 (xxx"));
    g_assert_true(g_str_has_suffix(lines[0], "x" VS_TEXT_CUT));
    g_assert_cmpuint(strlen(lines[0]), <=, 4096);
}

static void
test_log_bytes(void)
{
    static const char bytes[] = "a\0b terminating on signal 15 from pid 1 (\xff\xfe)\n";
    g_autofree char *path = g_build_filename(vs_test_dir(), "bytes.log", NULL);
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_set_contents(path, bytes, sizeof bytes - 1, NULL));
    lines = vs_qemu_log_tail(path, NULL);
    g_assert_cmpuint(g_strv_length(lines), ==, 1);
    g_assert_true(g_utf8_validate(lines[0], -1, NULL));
    g_assert_nonnull(strstr(lines[0], "b terminating on signal 15 from pid 1 ("));
}

static void
assert_unreadable(const char *path)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(vs_qemu_log_tail(path, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
}

static void
test_log_unreadable(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *real = vs_test_write(dir, "real.log", DOWN);
    g_autofree char *link = g_build_filename(dir, "link.log", NULL);
    g_autofree char *fifo = g_build_filename(dir, "fifo.log", NULL);
    g_autofree char *missing = g_build_filename(dir, "missing.log", NULL);

    g_assert_cmpint(symlink(real, link), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    assert_unreadable(link);
    assert_unreadable(fifo);
    assert_unreadable(missing);
    assert_unreadable(dir);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);

    g_test_add_func("/virt/qemu-log/lines", test_log_lines);
    g_test_add_func("/virt/qemu-log/command", test_log_command);
    g_test_add_func("/virt/qemu-log/rotated", test_log_rotated);
    g_test_add_func("/virt/qemu-log/limits", test_log_limits);
    g_test_add_func("/virt/qemu-log/bytes", test_log_bytes);
    g_test_add_func("/virt/qemu-log/long-line", test_log_long_line);
    g_test_add_func("/virt/qemu-log/unreadable", test_log_unreadable);
    return g_test_run();
}

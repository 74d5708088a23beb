/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/qemu-log.h"

#include <string.h>

#include "util/text.h"
#include "util/wallclock.h"
#include "vs-test.h"

/* A log with its lines as they stand in the file, and what is read out of it. */

#define START(time) "2026-11-22 " time ".000+0000: starting up libvirt version: 9.0.0"
#define COMMAND     "LC_ALL=C \\", "PATH=/bin \\", "/usr/bin/qemu-system-x86_64 \\", "-name guest=web1"
#define UUID        "11111111-2222-4333-8444-555555555501"
#define OTHER_UUID  "11111111-2222-4333-8444-555555555502"
#define COMMAND_OF(id, uuid)                                                                       \
    "HOME=/var/lib/libvirt/qemu/domain-" id "-web1 \\", "-name guest=web1 \\", "-uuid " uuid " \\"
#define TERM(time, from)                                                                           \
    "2026-11-22T" time ".446931Z qemu-system-x86_64: terminating on signal 15 from pid " from
#define END(time, reason) "2026-11-22 " time ".651+0000: shutting down, reason=" reason

static int64_t
clock_at(const char *time)
{
    g_autofree char *text = g_strdup_printf("2026-11-22T%sZ", time);
    int64_t ret;

    g_assert_true(vs_wallclock_parse(text, &ret, NULL));
    return ret;
}

static void
read_lines(VsQemuLog *ret, const char *alive_at, const char *const *lines)
{
    static const VsDomainId domain = {.name = (char *)"web1", .uuid.text = UUID, .id = 3};

    vs_qemu_log_read(ret, (char *const *)lines, &domain, alive_at ? clock_at(alive_at) : 0);
}

static void
test_none(void)
{
    static const char *const empty[] = {NULL};
    VsQemuLog log;

    read_lines(&log, NULL, NULL);
    g_assert_false(log.is);
    g_assert_cmpuint(log.lines->len, ==, 0);
    vs_qemu_log_clear(&log);

    read_lines(&log, NULL, empty);
    g_assert_true(log.is);
    g_assert_false(log.outside || log.libvirt);
    g_assert_null(log.reason);
    vs_qemu_log_clear(&log);
}

static void
test_outside(void)
{
    static const char *const lines[] = {START("10:00:00"),
                                        COMMAND,
                                        TERM("10:30:00", "1930 (/usr/bin/python3)"),
                                        TERM("10:30:00", "12589 (/usr/sbin/libvirtd)"),
                                        TERM("10:30:01", "77 (late)"),
                                        END("10:30:02", "shutdown"),
                                        NULL};
    VsQemuLog log;

    read_lines(&log, "10:00:01", lines);
    g_assert_true(log.outside);
    g_assert_cmpint(log.signal, ==, 15);
    g_assert_cmpint(log.pid, ==, 1930);
    g_assert_cmpstr(log.comm, ==, "/usr/bin/python3");
    g_assert_true(log.libvirt);
    g_assert_cmpint(log.libvirt_at, ==, clock_at("10:30:00.446931"));
    g_assert_false(log.libvirt_last);
    g_assert_cmpstr(log.reason, ==, "shutdown");
    g_assert_cmpuint(log.lines->len, ==, 4);
    g_assert_cmpstr(log.lines->pdata[0], ==, lines[5]);
    vs_qemu_log_clear(&log);
}

/* However libvirt's own daemon is called, it is no outside sender; others only look like it. */
static void
test_senders(void)
{
    static const struct {
        const char *from;
        bool libvirt;
        const char *comm;
    } cases[] = {
        {"12589 (/usr/sbin/libvirtd)", true, NULL},
        {"12589 (libvirtd)", true, NULL},
        {"12589 (/usr/sbin/virtqemud)", true, NULL},
        {"12589 (virtqemud)", true, NULL},
        {"12589 (/home/x/src/.libs/lt-libvirtd)", true, NULL},
        {"12589 (notlibvirtd)", false, "notlibvirtd"},
        {"12589 (/usr/sbin/libvirtd2)", false, "/usr/sbin/libvirtd2"},
        {"12589 (/opt/libvirtd/bin/kill)", false, "/opt/libvirtd/bin/kill"},
        {"12589 (bash (a) b)", false, "bash (a) b"},
        {"12589 (<unknown process>)", false, NULL},
        {"12589", false, NULL},
        {"12589 ()", false, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = g_strdup_printf(TERM("10:30:00", "%s"), cases[i].from);
        const char *const lines[] = {line, NULL};
        VsQemuLog log;

        vs_test_note(line);
        read_lines(&log, NULL, lines);
        g_assert_true(log.libvirt == cases[i].libvirt);
        g_assert_true(log.outside == !cases[i].libvirt);
        g_assert_cmpstr(log.comm, ==, cases[i].comm);
        vs_qemu_log_clear(&log);
    }
}

/* libvirt's signal before its reason is a power-off or a destroy; behind it, a panic or a save. */
static void
test_order(void)
{
    static const char *const panic[] = {END("10:30:00", "crashed"),
                                        TERM("10:30:00", "12589 (libvirtd)"), NULL};
    VsQemuLog log;

    read_lines(&log, NULL, panic);
    g_assert_true(log.libvirt && log.libvirt_last);
    g_assert_cmpstr(log.reason, ==, "crashed");
    vs_qemu_log_clear(&log);
}

static const char *const three_runs[] = {
    START("10:00:00"), COMMAND, TERM("10:30:00", "1930 (bash)"),      END("10:30:01", "shutdown"),
    START("11:00:00"), COMMAND, TERM("11:30:00", "12589 (libvirtd)"), END("11:30:01", "destroyed"),
    START("12:00:00"), COMMAND, END("12:30:01", "crashed"),           NULL};

static void
test_which_run(void)
{
    static const struct {
        const char *alive_at, *reason;
        bool outside;
    } cases[] = {
        {"10:00:00", "shutdown", true},   {"10:29:59", "shutdown", true},
        {"11:00:00", "destroyed", false}, {"11:10:00", "destroyed", false},
        {"12:10:00", "crashed", false},   {"23:00:00", NULL, false},
        {NULL, "crashed", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsQemuLog log;

        read_lines(&log, cases[i].alive_at, three_runs);
        g_assert_cmpstr(log.reason, ==, cases[i].reason);
        g_assert_true(log.outside == cases[i].outside);
        vs_qemu_log_clear(&log);
    }
}

/* A log is named after the domain, and others had that name before, or have it since. */
static void
test_whose(void)
{
    static const struct {
        const char *what;
        const char *lines[16];
        bool is;
    } cases[] = {
        {"ours", {START("10:00:00"), COMMAND_OF("3", UUID), TERM("10:30:00", "1 (bash)")}, true},
        {"of another domain",
         {START("10:00:00"), COMMAND_OF("3", OTHER_UUID), TERM("10:30:00", "1 (bash)")},
         false},
        {"of its run before",
         {START("09:00:00"), COMMAND_OF("2", UUID), TERM("10:30:00", "1 (bash)")},
         false},
        {"of another since",
         {START("10:00:00"), COMMAND_OF("3", UUID), TERM("10:30:00", "1 (bash)"), START("11:00:00"),
          COMMAND_OF("4", OTHER_UUID), TERM("11:30:00", "2 (libvirtd)")},
         true},
        {"of another before",
         {START("09:00:00"), COMMAND_OF("2", OTHER_UUID), TERM("09:30:00", "1 (x)"),
          START("10:00:00"), COMMAND_OF("3", UUID), TERM("10:30:00", "1 (bash)")},
         true},
        {"the first counts",
         {START("10:00:00"), COMMAND_OF("3", UUID), COMMAND_OF("4", OTHER_UUID),
          TERM("10:30:00", "1 (bash)")},
         true},
        {"no number", {START("10:00:00"), "/domain-x-y", TERM("10:30:00", "1 (bash)")}, true},
        {"the rest of a command line that is lost",
         {COMMAND_OF("4", OTHER_UUID), TERM("10:30:00", "1 (bash)")},
         true},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsQemuLog log;

        vs_test_note(cases[i].what);
        read_lines(&log, "10:10:00", cases[i].lines);
        g_assert_true(log.is == cases[i].is);
        g_assert_true(log.outside == cases[i].is);
        g_assert_true(!log.outside || g_str_equal(log.comm, "bash"));
        g_assert_cmpuint(log.lines->len, ==, cases[i].is ? 1 : 0);
        vs_qemu_log_clear(&log);
    }
}

/* What a run began with may be missing, where the disk was full. */
static void
test_older(void)
{
    static const char *const past[] = {START("09:00:00"), COMMAND_OF("3", UUID),
                                       TERM("09:30:00", "1930 (bash)"), END("09:30:01", "shutdown"),
                                       NULL};
    static const char *const headless[] = {TERM("10:09:49", "1930 (bash)"),
                                           END("10:09:49", "shutdown"), NULL};
    static const char *const late[] = {START("10:09:50"), COMMAND_OF("3", UUID),
                                       TERM("10:09:55", "1930 (bash)"), END("10:09:56", "shutdown"),
                                       NULL};
    VsQemuLog log;

    read_lines(&log, "10:10:00", past);
    g_assert_false(log.outside);
    g_assert_null(log.reason);
    vs_qemu_log_clear(&log);
    read_lines(&log, "10:10:00", headless);
    g_assert_false(log.outside);
    g_assert_null(log.reason);
    vs_qemu_log_clear(&log);
    read_lines(&log, "10:10:00", late);
    g_assert_true(log.outside);
    g_assert_cmpstr(log.reason, ==, "shutdown");
    vs_qemu_log_clear(&log);
}

/* The runs of this domain that are over, one after the other. */
static void
test_find_run(void)
{
    static const char *const lines[] = {START("08:00:00"),
                                        COMMAND_OF("1", UUID),
                                        END("08:30:00", "shutdown"),
                                        START("09:00:00"),
                                        COMMAND_OF("2", OTHER_UUID),
                                        END("09:30:00", "destroyed"),
                                        START("10:00:00"),
                                        COMMAND,
                                        END("10:30:00", "destroyed"), /* it doesn't say whose */
                                        START("11:00:00"),
                                        COMMAND_OF("3", UUID),
                                        TERM("11:30:00", "1930 (bash)"),
                                        END("11:30:00", "shutdown"),
                                        START("12:00:00"),
                                        COMMAND_OF("4", UUID),
                                        END("12:00:01", "failed"),
                                        START("13:00:00"),
                                        COMMAND_OF("5", UUID),
                                        TERM("13:30:00", "1930 (bash)"),
                                        START("14:00:00"),
                                        COMMAND_OF("6", UUID),
                                        END("14:30:00", "destroyed"),
                                        START("15:00:00"),
                                        COMMAND_OF("7", UUID),
                                        NULL};
    static const VsDomainId domain = {.name = (char *)"web1", .uuid.text = UUID, .id = -1};
    VsLoggedRun run = {.begun = clock_at("08:00:00")};

    g_assert_true(vs_qemu_log_find_run((char *const *)lines, &domain, run.begun, &run));
    g_assert_cmpint(run.id, ==, 3);
    g_assert_cmpint(run.begun, ==, clock_at("11:00:00"));
    g_assert_cmpint(run.ended, ==, clock_at("11:30:00.651"));
    g_assert_cmpstr(run.start, ==, START("11:00:00"));
    g_assert_true(vs_qemu_log_find_run((char *const *)lines, &domain, run.begun, &run));
    g_assert_cmpint(run.id, ==, 6);
    g_assert_false(vs_qemu_log_find_run((char *const *)lines, &domain, run.begun, &run));
}

/* A log that was rotated in mid-run begins without a start; so does a tail that is cut. */
static void
test_rotated(void)
{
    static const char *const lines[] = {"-device virtio-net \\",
                                        TERM("10:30:00", "1930 (bash)"),
                                        END("10:30:01", "shutdown"),
                                        START("11:00:00"),
                                        COMMAND,
                                        END("11:30:01", "crashed"),
                                        NULL};
    VsQemuLog log;

    read_lines(&log, "10:10:00", lines);
    g_assert_true(log.outside);
    g_assert_cmpstr(log.reason, ==, "shutdown");
    vs_qemu_log_clear(&log);
    read_lines(&log, "11:10:00", lines);
    g_assert_false(log.outside);
    g_assert_cmpstr(log.reason, ==, "crashed");
    vs_qemu_log_clear(&log);
}

/* Names and arguments are somebody else's text: only what begins with a time is the log's own. */
static void
test_command_line_fools_nobody(void)
{
    static const char *const lines[] = {
        START("10:00:00"),
        "-name 'guest=x: shutting down, reason=destroyed' \\",
        "-name guest=terminating on signal 9 from pid 1 (systemd) \\",
        " 2026-11-22 10:00:00.000+0000: shutting down, reason=saved \\",
        "-append ': starting up' \\",
        "char device redirected to /dev/pts/1 (label charserial0)",
        "2026-11-22T10:00:01.000000Z qemu-system-x86_64: warning: shutting down, reason=failed",
        "2026-11-22T10:00:01.000000Z qemu-system-x86_64: terminating on signal fifteen from pid 1",
        "2026-11-22T10:00:01.000000Z qemu-system-x86_64: terminating on signal 15",
        "2026-11-22T10:00:01.000000Z qemu-system-x86_64: terminating on signal 99999999999 from "
        "pid 1 (x)",
        NULL};
    VsQemuLog log;

    read_lines(&log, "10:00:01", lines);
    g_assert_true(log.is);
    g_assert_false(log.outside || log.libvirt);
    g_assert_null(log.reason);
    g_assert_cmpuint(log.lines->len, ==, 0);
    vs_qemu_log_clear(&log);
}

/* A killer whose name was cut with its line is one, and its name is told as far as is sane. */
static void
test_long_name(void)
{
    g_autofree char *name = g_strnfill(4000, 'x');
    g_autofree char *whole = g_strdup_printf("%s(%s)", TERM("10:30:00", "1930 "), name);
    g_autofree char *cut = g_strdup_printf("%s(%s" VS_TEXT_CUT, TERM("10:30:00", "1930 "), name);
    const char *const lines[] = {START("10:00:00"), whole, END("10:30:02", "shutdown"), NULL};
    const char *const cut_lines[] = {START("10:00:00"), cut, END("10:30:02", "shutdown"), NULL};
    VsQemuLog log, cut_log;

    read_lines(&log, NULL, lines);
    read_lines(&cut_log, NULL, cut_lines);
    g_assert_true(log.outside && cut_log.outside);
    g_assert_cmpint(cut_log.pid, ==, 1930);
    g_assert_cmpuint(strlen(log.comm), <=, 255);
    g_assert_true(g_str_has_prefix(log.comm, "xxx") && g_str_has_suffix(log.comm, VS_TEXT_CUT));
    g_assert_cmpstr(cut_log.comm, ==, log.comm);
    vs_qemu_log_clear(&log);
    vs_qemu_log_clear(&cut_log);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/qemu-log/none", test_none);
    g_test_add_func("/qemu-log/outside", test_outside);
    g_test_add_func("/qemu-log/senders", test_senders);
    g_test_add_func("/qemu-log/order", test_order);
    g_test_add_func("/qemu-log/which-run", test_which_run);
    g_test_add_func("/qemu-log/whose", test_whose);
    g_test_add_func("/qemu-log/older", test_older);
    g_test_add_func("/qemu-log/find-run", test_find_run);
    g_test_add_func("/qemu-log/rotated", test_rotated);
    g_test_add_func("/qemu-log/command-line-fools-nobody", test_command_line_fools_nobody);
    g_test_add_func("/qemu-log/long-name", test_long_name);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What src/virt reads beside libvirt's API: QEMU's log, its pid file and process, the domain XML.
 */

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.h"
#include "util/span.h"
#include "virt/domain-xml.h"
#include "virt/place.h"
#include "virt/process.h"
#include "virt/qemu-log.h"
#include "vs-test.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"

static void
test_place_is_local(void)
{
    g_assert_true(vs_place_is_local("qemu:///system"));
    g_assert_true(vs_place_is_local("qemu+unix:///system?socket=/run/here"));
    g_assert_true(vs_place_is_local("test:///default"));
    g_assert_false(vs_place_is_local("qemu://host/system"));
    g_assert_false(vs_place_is_local("qemu+ssh://root@host/system"));
    g_assert_false(vs_place_is_local("qemu+ssh:///system"));
    g_assert_false(vs_place_is_local("qemu+tcp://127.0.0.1/system"));
    g_assert_false(vs_place_is_local("an alias"));
}

static char *
log_file_of(const char *uri, const char *name)
{
    VsDomainId domain = {.uri = (char *)uri, .name = (char *)name};

    return vs_place_log_file(&domain, NULL);
}

static char *
pid_file_of(const char *uri, const char *name)
{
    VsDomainId domain = {.uri = (char *)uri, .name = (char *)name};

    return vs_place_pid_file(&domain, NULL);
}

static void
test_place_files(void)
{
    g_autofree char *log = log_file_of("qemu:///system", "a b");
    g_autofree char *pid = pid_file_of("qemu:///system", "a b");
    g_autofree char *session_log = log_file_of("qemu:///session", "web1");
    g_autofree char *session_pid = pid_file_of("qemu:///session", "web1");

    g_assert_cmpstr(log, ==, "/var/log/libvirt/qemu/a b.log");
    g_assert_cmpstr(pid, ==, "/run/libvirt/qemu/a b.pid");
    if (geteuid() == 0) { /* whose session is the system's */
        g_assert_cmpstr(session_log, ==, "/var/log/libvirt/qemu/web1.log");
        g_assert_cmpstr(session_pid, ==, "/run/libvirt/qemu/web1.pid");
    } else {
        g_assert_true(g_str_has_prefix(session_log, g_get_user_cache_dir()));
        g_assert_true(g_str_has_suffix(session_log, "/libvirt/qemu/log/web1.log"));
        g_assert_true(g_str_has_prefix(session_pid, g_get_user_runtime_dir()));
        g_assert_true(g_str_has_suffix(session_pid, "/libvirt/qemu/run/web1.pid"));
    }
}

static void
test_place_refusals(void)
{
    static const char *const names[] = {"", ".", "..", "../../../etc/passwd", "a/b", "/"};
    static const char *const uris[] = {"lxc:///system", "qemu+ssh://host/system", "test:///default",
                                       "qemu:///embed", "nonsense"};
    VsDomainId domain = {.uri = (char *)"qemu:///system"};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;

        domain.name = (char *)names[i];
        g_assert_null(vs_place_log_file(&domain, &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
        g_assert_null(vs_place_pid_file(&domain, NULL));
    }
    domain.name = (char *)"web1";
    for (guint i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autoptr(GError) error = NULL;

        domain.uri = (char *)uris[i];
        g_assert_null(vs_place_log_file(&domain, &error));
        g_assert_error(error, VS_ERROR, VS_ERROR_FAILED);
        g_assert_nonnull(strstr(error->message, uris[i]));
    }
}

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

/* The older log is read only where the newer one doesn't tell how a run began. */
static void
test_log_rotated(void)
{
    const char *dir = vs_test_dir();
    g_autofree char *whole = vs_test_write(dir, "whole.log", STARTING DOWN);
    g_autofree char *whole_0 = vs_test_write(dir, "whole.log.0", STARTING TERMINATING);
    g_autofree char *rest = vs_test_write(dir, "rest.log", "chatter\n" DOWN);
    g_autofree char *rest_0 = vs_test_write(dir, "rest.log.0", STARTING "chatter\n" TERMINATING);

    assert_tail(whole, STARTING DOWN);
    assert_tail(rest, STARTING TERMINATING DOWN);
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

/* A process with the command line of a QEMU, as far as it matters, that ends when its input does.
 */
static pid_t
start_fake(const char *name_value, const char *uuid, int *ret_stdin)
{
    const char *argv[] = {"sh", "-c", "read x", "qemu", "-name", name_value, "-uuid", uuid, NULL};
    GError *error = NULL;
    GPid pid;

    g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
                             G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                             ret_stdin, NULL, NULL, &error);
    g_assert_no_error(error);
    return pid;
}

static void
end_fake(pid_t pid, int input)
{
    close(input);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
}

static VsProcess *
find(pid_t pid, const char *name, const char *uuid)
{
    VsDomainId domain = {.name = (char *)name};
    g_autofree char *text = g_strdup_printf("%d\n", (int)pid);
    g_autofree char *path = vs_test_write(vs_test_dir(), "test.pid", text);

    g_strlcpy(domain.uuid.text, uuid, sizeof domain.uuid.text);
    return vs_process_find(path, &domain);
}

static void
test_process_end(void)
{
    int input;
    pid_t pid = start_fake("guest=web1,debug-threads=on", UUID, &input);
    g_autoptr(VsProcess) process = find(pid, "web1", UUID);

    g_assert_nonnull(process);
    g_assert_false(vs_process_wait(process, 0));
    g_assert_false(vs_process_wait(process, 30 * VS_USEC_PER_MSEC));
    close(input);
    /* Gone is gone, also while nobody has reaped it. */
    g_assert_true(vs_process_wait(process, 60 * VS_USEC_PER_SEC));
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_assert_true(vs_process_wait(process, 0));
    g_assert_null(find(pid, "web1", UUID));
}

static void
test_process_identity(void)
{
    static const char other[] = "11111111-1111-4111-8111-111111111111";
    static const struct {
        const char *value, *name;
        bool same;
    } names[] = {
        {"guest=web1,debug-threads=on", "web1", true},
        {"guest=web1", "web1", true},
        {"guest=web1,debug-threads=on", "web", false},
        {"guest=web1,debug-threads=on", "web11", false},
        {"guest=a,,b,debug-threads=on", "a,b", true},
        {"guest=a,,b,debug-threads=on", "a", false},
        {"guest=a,,b,debug-threads=on", "a,", false},
        {"web1", "web1", false},
    };
    VsProcess *process;
    int input;
    pid_t pid;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        pid = start_fake(names[i].value, UUID, &input);
        process = find(pid, names[i].name, other);
        g_assert_cmpint(process != NULL, ==, names[i].same);
        g_clear_pointer(&process, vs_process_free);
        process = find(pid, "any", UUID);
        g_assert_nonnull(process);
        vs_process_free(process);
        end_fake(pid, input);
    }
    g_assert_null(find(getpid(), "web1", UUID));
    g_assert_null(find(0, "web1", UUID));
    g_assert_null(find(-1, "web1", UUID));
}

static void
test_process_no_pid_file(void)
{
    VsDomainId domain = {.name = (char *)"web1", .uuid = {UUID}};
    g_autofree char *garbage = vs_test_write(vs_test_dir(), "garbage.pid", "nonsense");

    g_assert_null(vs_process_find(garbage, &domain));
    g_assert_null(vs_process_find("/nonexistent/web1.pid", &domain));
}

#define DEVICES(xml) "<domain type='kvm' id='1'><name>x</name><devices>" xml "</devices></domain>"
#define CHANNEL(target)                                                                            \
    "<channel type='unix'><source mode='bind' path='/x'/>" target "<alias name='y'/></channel>"
#define AGENT(state) "<target type='virtio' name='org.qemu.guest_agent.0'" state "/>"

static void
test_agent_channel(void)
{
    static const struct {
        const char *xml;
        VsAgentState state;
    } cases[] = {
        {DEVICES(""), VS_AGENT_NONE},
        {DEVICES(CHANNEL(AGENT(" state='connected'"))), VS_AGENT_CONNECTED},
        {DEVICES(CHANNEL(AGENT(" state='disconnected'"))), VS_AGENT_DISCONNECTED},
        {DEVICES(CHANNEL(AGENT(""))), VS_AGENT_UNKNOWN},
        {DEVICES(CHANNEL(AGENT(" state='of the art'"))), VS_AGENT_UNKNOWN},
        {DEVICES(CHANNEL("<target type='virtio' name='com.redhat.spice.0' state='connected'/>")),
         VS_AGENT_NONE},
        {DEVICES(CHANNEL("<target type='virtio' name='com.redhat.spice.0' state='connected'/>")
                     CHANNEL(AGENT(" state='disconnected'"))),
         VS_AGENT_DISCONNECTED},
        {"<domain><metadata><devices>" CHANNEL(
             AGENT(" state='connected'")) "</devices></metadata></domain>",
         VS_AGENT_NONE},
        {"<domain><metadata><domain><devices>" CHANNEL(
             AGENT(" state='connected'")) "</devices></domain></metadata></domain>",
         VS_AGENT_NONE},
        {"<domain", VS_AGENT_UNKNOWN},
        {"", VS_AGENT_UNKNOWN},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsDomainInfo info = {0};

        vs_test_note(cases[i].xml);
        vs_domain_xml_read(cases[i].xml, &info);
        g_assert_cmpint(info.agent, ==, cases[i].state);
    }
}

#define OS(arch) "<os><type arch='" arch "' machine='pc'>hvm</type></os>"

static void
test_domain_xml(void)
{
    static const struct {
        const char *xml;
        bool no_acpi;
        VsOnPoweroff on_poweroff;
    } cases[] = {
        {"<domain>" OS("x86_64") "<features><acpi/><apic/></features></domain>", false, 0},
        {"<domain>" OS("x86_64") "<features><apic/></features></domain>", true, 0},
        {"<domain>" OS("i686") "</domain>", true, 0},
        {"<domain>" OS("s390x") "</domain>", false, 0},
        {"<domain>" OS("x86_64") "<metadata><features><acpi/></features></metadata></domain>", true,
         0},
        {"<domain><on_poweroff>restart</on_poweroff></domain>", false, VS_ON_POWEROFF_RESTART},
        {"<domain><on_poweroff> destroy\n</on_poweroff></domain>", false, VS_ON_POWEROFF_DESTROY},
        {"<domain><on_poweroff>dance</on_poweroff></domain>", false, VS_ON_POWEROFF_UNKNOWN},
        {"<domain><x><on_poweroff>restart</on_poweroff></x></domain>", false, 0},
        {"<domain><on_poweroff>restart</on_poweroff>", false, VS_ON_POWEROFF_UNKNOWN},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsDomainInfo info = {0};

        vs_test_note(cases[i].xml);
        vs_domain_xml_read(cases[i].xml, &info);
        g_assert_cmpint(info.no_acpi, ==, cases[i].no_acpi);
        g_assert_cmpint(info.on_poweroff, ==, cases[i].on_poweroff);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/virt/place/is-local", test_place_is_local);
    g_test_add_func("/virt/place/files", test_place_files);
    g_test_add_func("/virt/place/refusals", test_place_refusals);
    g_test_add_func("/virt/qemu-log/lines", test_log_lines);
    g_test_add_func("/virt/qemu-log/rotated", test_log_rotated);
    g_test_add_func("/virt/qemu-log/limits", test_log_limits);
    g_test_add_func("/virt/qemu-log/bytes", test_log_bytes);
    g_test_add_func("/virt/qemu-log/unreadable", test_log_unreadable);
    g_test_add_func("/virt/process/end", test_process_end);
    g_test_add_func("/virt/process/identity", test_process_identity);
    g_test_add_func("/virt/process/no-pid-file", test_process_no_pid_file);
    g_test_add_func("/virt/domain-xml/agent-channel", test_agent_channel);
    g_test_add_func("/virt/domain-xml/rest", test_domain_xml);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What src/virt reads beside libvirt's API: QEMU's pid file and process, the domain XML. */

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.h"
#include "util/span.h"
#include "virt/domain-xml.h"
#include "virt/place.h"
#include "virt/policy-xml.h"
#include "virt/process.h"
#include "vs-test.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"

static void
test_place_is_local(void)
{
    g_assert_true(vs_domain_uri_is_local("qemu:///system"));
    g_assert_true(vs_domain_uri_is_local("qemu+unix:///system?socket=/run/here"));
    g_assert_true(vs_domain_uri_is_local("test:///default"));
    g_assert_false(vs_domain_uri_is_local("qemu://host/system"));
    g_assert_false(vs_domain_uri_is_local("qemu+ssh://root@host/system"));
    g_assert_false(vs_domain_uri_is_local("qemu+ssh:///system"));
    g_assert_false(vs_domain_uri_is_local("qemu+tcp://127.0.0.1/system"));
    g_assert_false(vs_domain_uri_is_local("an alias"));
}

static void
assert_way(const char *uri, const char *way)
{
    g_autofree char *found = vs_place_way(uri);

    g_assert_cmpstr(found, ==, way);
}

static void
make_socket_file(const char *path)
{
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    g_assert_cmpint(chown(path, 65534, 65534), ==, 0);
}

#define WAYS "/run/virtstop-libvirt/"

/* Of another user than root, in a /run of his own. */
static void
check_ways(void)
{
    assert_way("qemu:///system", "qemu:///system"); /* as root */
    make_socket_file(WAYS "virtqemud-sock");
    g_assert_cmpint(setuid(65534), ==, 0);
    assert_way("qemu:///system", "qemu+unix:///system?socket=" WAYS "libvirt-sock");
    assert_way("lxc:///", "lxc+unix:///?socket=" WAYS "libvirt-sock");
    assert_way("xen:///system", "xen+unix:///system?socket=" WAYS "libvirt-sock");
    assert_way("qemu+unix:///system?socket=/run/libvirt/libvirt-sock&no_tty=1",
               "qemu+unix:///system?socket=" WAYS "libvirt-sock&no_tty=1");
    assert_way("qemu+unix:///system?socket=/run/elsewhere",
               "qemu+unix:///system?socket=/run/elsewhere");
    assert_way("qemu:///session", "qemu:///session");
    assert_way("qemu+ssh://host/system", "qemu+ssh://host/system");
    assert_way("test:///default", "test:///default");
    assert_way("test+unix:///default", "test+unix:///default");
    assert_way("an alias", "an alias");
}

/* A host with libvirt's modular daemons, and then without a way. */
static void
check_modular_ways(void)
{
    make_socket_file("/run/libvirt/virtqemud-sock");
    make_socket_file(WAYS "virtqemud-sock");
    g_assert_cmpint(setuid(65534), ==, 0);
    assert_way("qemu:///system", "qemu+unix:///system?socket=" WAYS "virtqemud-sock");
    assert_way("qemu:///system?mode=legacy",
               "qemu+unix:///system?socket=" WAYS "libvirt-sock&mode=legacy");
    assert_way("lxc:///system", "lxc+unix:///system?socket=" WAYS "libvirt-sock");
    g_assert_cmpint(unlink(WAYS "virtqemud-sock"), <, 0); /* it is root's to take away */
}

/* Nobody may go there but its user. */
static void
check_no_way(void)
{
    g_assert_cmpint(chown(WAYS "libvirt-sock", 0, 0), ==, 0);
    g_assert_cmpint(chmod(WAYS "libvirt-sock", 0600), ==, 0);
    g_assert_cmpint(setuid(65534), ==, 0);
    assert_way("qemu:///system", "qemu:///system");
}

static void
test_ways(const void *check)
{
    if (g_test_subprocess()) {
        g_assert_cmpint(mount("tmpfs", "/run", "tmpfs", 0, "size=1m,mode=0755"), ==, 0);
        g_assert_cmpint(mkdir("/run/libvirt", 0755), ==, 0);
        g_assert_cmpint(mkdir("/run/virtstop-libvirt", 0755), ==, 0);
        make_socket_file("/run/libvirt/libvirt-sock");
        make_socket_file(WAYS "libvirt-sock");
        ((void (*)(void))check)();
        return;
    }
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        g_test_skip("needs root, for mounts of its own");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
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

/* A socket of its own: another user's libvirt, or one in a place of its own, whose guests may have
 * the names of the system's. */
static void
test_place_sockets(void)
{
    g_autofree char *usual =
        log_file_of("qemu+unix:///system?socket=/run/libvirt/libvirt-sock", "a");
    g_autofree char *old = log_file_of("qemu:///system?mode=legacy&socket=/var/run/libvirt/"
                                       "virtqemud-sock",
                                       "a");
    static const char *const others[] = {
        "qemu+unix:///system?socket=/run/elsewhere/libvirt-sock",
        "qemu:///session?socket=/run/user/4711/libvirt/libvirt-sock",
        "qemu+unix:///session?socket=%2Frun%2Fuser%2F4711%2Flibvirt%2Flibvirt-sock",
    };

    g_assert_cmpstr(usual, ==, "/var/log/libvirt/qemu/a.log");
    g_assert_cmpstr(old, ==, "/var/log/libvirt/qemu/a.log");
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_assert_null(log_file_of(others[i], "a"));
        g_assert_null(pid_file_of(others[i], "a"));
    }
}

static void
assert_places(const char *one, const char *other, bool same)
{
    g_autofree char *place = vs_place_of(one), *other_place = vs_place_of(other);

    vs_test_note(place);
    vs_test_note(other_place);
    g_assert_cmpint(g_str_equal(place, other_place), ==, same);
}

/* Which URIs reach the same libvirt. */
static void
test_place_same(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("virtstop-XXXXXX", &error);
    g_autofree char *socket = g_build_filename(directory, "one", NULL);
    g_autofree char *linked = g_build_filename(directory, "other", NULL);
    g_autofree char *by_socket = g_strconcat("qemu:///system?socket=", socket, NULL);
    g_autofree char *by_link = g_strconcat("qemu+unix:///session?socket=", linked, NULL);
    bool root = geteuid() == 0;

    g_assert_no_error(error);
    g_assert_true(g_file_set_contents(socket, "", 0, &error));
    g_assert_cmpint(symlink(socket, linked), ==, 0);
    assert_places("qemu:///system", "qemu:///session", root);
    assert_places("qemu:///system", "qemu+unix:///system", true);
    assert_places("qemu:///system", "qemu:///system?mode=auto", true);
    assert_places("qemu:///system", "qemu:///system?socket=/run/libvirt/libvirt-sock", true);
    assert_places("qemu:///system", "qemu+unix:///session?socket=/var/run/libvirt/libvirt-sock",
                  true);
    assert_places("qemu:///system", "lxc:///system", false);
    assert_places("lxc:///", "lxc:///system", true);
    assert_places("qemu:///system", "qemu:///embed?root=/srv", false);
    assert_places("qemu:///system", by_socket, false);
    assert_places(by_socket, by_link, true);
    assert_places("qemu:///system", "qemu+ssh://host/system", false);
    assert_places("test:///default", "test+unix:///default", false);
    unlink(linked);
    unlink(socket);
    rmdir(directory);
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
        vs_test_note(cases[i].xml);
        g_assert_cmpint(vs_domain_xml_read(cases[i].xml).agent, ==, cases[i].state);
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
        bool stays_crashed;
    } cases[] = {
        {"<domain>" OS("x86_64") "<features><acpi/><apic/></features></domain>", false, 0},
        {"<domain>" OS("x86_64") "<features><apic/></features></domain>", true, 0},
        {"<domain>" OS("i686") "</domain>", true, 0},
        {"<domain>" OS("s390x") "</domain>", false, 0},
        {"<domain>" OS("aarch64") "<features><gic version='2'/></features></domain>", false, 0},
        {"<domain>" OS("aarch64") "<features><acpi/></features></domain>", false, 0},
        {"<domain>" OS("armv7l") "</domain>", false, 0},
        {"<domain>" OS("x86_64") "<metadata><features><acpi/></features></metadata></domain>", true,
         0},
        {"<domain><on_poweroff>restart</on_poweroff></domain>", false, VS_ON_POWEROFF_RESTART},
        {"<domain><on_poweroff> destroy\n</on_poweroff></domain>", false, VS_ON_POWEROFF_DESTROY},
        {"<domain><on_crash>preserve</on_crash></domain>", false, 0, true},
        {"<domain><on_crash>coredump-destroy</on_crash></domain>", false, 0},
        {"<domain><on_poweroff>dance</on_poweroff></domain>", false, VS_ON_POWEROFF_UNKNOWN},
        {"<domain><x><on_poweroff>restart</on_poweroff></x></domain>", false, 0},
        {"<domain><on_poweroff>restart</on_poweroff>", false, VS_ON_POWEROFF_UNKNOWN},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        VsDescription description = vs_domain_xml_read(cases[i].xml);

        vs_test_note(cases[i].xml);
        g_assert_cmpint(description.no_acpi, ==, cases[i].no_acpi);
        g_assert_cmpint(description.on_poweroff, ==, cases[i].on_poweroff);
        g_assert_cmpint(description.stays_crashed, ==, cases[i].stays_crashed);
    }
}

/* A halt shows by what it takes of a processor, which was measured of one alone: an aarch64 Linux
 * that only waited was taken for halted, and cut off. */
static void
test_halt_shows(void)
{
    static const struct {
        const char *xml;
        bool shows;
    } cases[] = {
        {"<domain type='qemu'>" OS("x86_64") "</domain>", true},
        {"<domain type='qemu'>" OS("i686") "</domain>", true},
        {"<domain type='kvm'>" OS("x86_64") "</domain>", false},
        {"<domain type='qemu'>" OS("aarch64") "</domain>", false},
        {"<domain type='qemu'>" OS("riscv64") "</domain>", false},
        {"<domain type='kvm'>" OS("aarch64") "</domain>", false},
        {"<domain type='qemu'></domain>", false},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        vs_test_note(cases[i].xml);
        g_assert_cmpint(vs_domain_xml_read(cases[i].xml).halt_shows, ==, cases[i].shows);
    }
}

/* Whose guest it is, by what each writes. */
static void
test_owner(void)
{
    static const struct {
        const char *xml;
        VsOwner owner;
    } cases[] = {
        {"<domain><metadata><nova:instance "
         "xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'>"
         "<nova:name>web1</nova:name></nova:instance></metadata></domain>",
         VS_OWNER_NOVA},
        {"<domain><metadata xmlns:o='urn:x'><libosinfo:libosinfo "
         "xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'/>"
         "<ovirt-vm:vm xmlns:ovirt-vm='http://ovirt.org/vm/1.0'/></metadata></domain>",
         VS_OWNER_OVIRT},
        {"<domain><metadata><kubevirt xmlns='http://kubevirt.io'><uid>1</uid></kubevirt></metadata>"
         "</domain>",
         VS_OWNER_KUBEVIRT},
        {"<domain><sysinfo type='smbios'><system><entry name='manufacturer'>Us</entry>"
         "<entry name='product'>CloudStack KVM Hypervisor</entry></system></sysinfo></domain>",
         VS_OWNER_CLOUDSTACK},
        {"<domain><sysinfo type='smbios'><system><entry name='manufacturer'>CloudStack x</entry>"
         "</system></sysinfo></domain>",
         VS_OWNER_NONE},
        /* Somebody else's metadata about them. */
        {"<domain><metadata><a:b xmlns:a='urn:b'><x xmlns='http://kubevirt.io'/></a:b></metadata>"
         "</domain>",
         VS_OWNER_NONE},
        {"<domain><devices/></domain>", VS_OWNER_NONE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        vs_test_note(cases[i].xml);
        g_assert_cmpint(vs_domain_xml_read(cases[i].xml).owner, ==, cases[i].owner);
    }
}

#define OURS "https://virtstop.org/xmlns/policy/1.0"

/* Ours is ours by its namespace, wherever that is declared and whatever it is called there. */
static void
test_labels(void)
{
    static const struct {
        const char *xml;
        const char *title, *tags, *said;
    } cases[] = {
        {"<domain><title>A &lt;b&gt;</title><description>x y\n</description></domain>", "A <b>",
         "x|y", ""},
        {"<domain><metadata><v:policy xmlns:v='" OURS "' Priority='3' Ladder='a &amp; b'/>"
         "</metadata></domain>",
         "", "", "Priority=3|Ladder=a & b"},
        {"<domain xmlns:v='" OURS "'><metadata><v:policy Priority='3'/></metadata></domain>", "",
         "", "Priority=3"},
        {"<domain><metadata xmlns:v='" OURS "'><v:policy Priority='3'/></metadata></domain>", "",
         "", "Priority=3"},
        {"<domain><metadata><policy xmlns='" OURS "' Priority='3' Tags='t'/></metadata></domain>",
         "", "t", "Priority=3|Tags=t"},
        {"<domain xmlns:v='" OURS "'><metadata><v:policy xmlns:v='urn:x' Priority='3'/>"
         "<x:policy xmlns:x='urn:v' Priority='4'/><policy Priority='5'/></metadata></domain>",
         "", "", ""},
        {"<domain><metadata><o:a xmlns:o='urn:o'><v:policy xmlns:v='" OURS "' Priority='3'/></o:a>"
         "</metadata><devices><title>no</title></devices></domain>",
         "", "", ""},
        {"<domain><metadata><v:policy xmlns:v='" OURS "' xmlns:o='urn:o' o:x='y' Priority='3'/>"
         "</metadata></domain>",
         "", "", "Priority=3"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VsLabels) labels = vs_domain_xml_labels(NULL, cases[i].xml);
        g_autofree char *tags = g_strjoinv("|", labels->tags);
        g_autofree char *said = g_strjoinv("|", labels->said);

        vs_test_note(cases[i].xml);
        if (strstr(cases[i].xml, "Ladder")) {
            g_assert_true(labels->refused); /* read, and not understood */
            continue;
        }
        g_assert_cmpstr(labels->title, ==, cases[i].title);
        g_assert_cmpstr(tags, ==, cases[i].tags);
        g_assert_cmpstr(said, ==, cases[i].said);
    }
    g_assert_null(vs_domain_xml_labels(NULL, "<domain"));
}

/* What is written is read again. */
static void
test_policy_xml(void)
{
    VsPolicyXml policy = {.others = (char *)" xmlns:o=\"urn:o\" o:a=\"&lt;&#10;\"",
                          .content = (char *)"<!-- <x> --><o:b c='>'/> text"};
    char *said[] = {(char *)"Ladder=agent:1min \"leave\"", (char *)"Before=a<b & 'c' é",
                    (char *)"Priority=", (char *)"Group=a\tb", NULL};
    char *nothing[] = {NULL};
    g_auto(VsPolicyXml) again = {0}, none = {0};
    g_autofree char *xml = (policy.said = said, vs_policy_xml_write(&policy));
    g_autoptr(GError) error = NULL;

    g_assert_true(vs_policy_xml_read(xml, &again, &error));
    g_assert_no_error(error);
    g_assert_true(g_strv_equal((const char *const *)again.said, (const char *const *)said));
    g_assert_cmpstr(again.others, ==, policy.others);
    g_assert_cmpstr(again.content, ==, policy.content);
    policy = (VsPolicyXml){nothing, (char *)"", (char *)""};
    g_assert_null(vs_policy_xml_write(&policy));
    g_assert_true(vs_policy_xml_read(NULL, &none, &error));
    g_assert_null(vs_policy_xml_write(&none));
    g_assert_false(vs_policy_xml_read("<policy", &policy, &error));
    g_assert_error(error, VS_ERROR, VS_ERROR_INVALID);
}

/* What stands inside the element, and where it begins and ends. */
static void
test_policy_xml_content(void)
{
    static const char *const cases[][2] = {
        {"<policy/>", ""},
        {"<policy A='>' />", ""},
        {"<policy></policy>", ""},
        {"<policy>\n  </policy>\n", ""},
        {"<policy A=\"'>\"><b/></policy>", "<b/>"},
        {"<?xml version='1.0'?><!-- <a> --><policy> <b></b>\n<!-- </c> --></policy >",
         "<b></b>\n<!-- </c> -->"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(VsPolicyXml) policy = {0};

        g_assert_true(vs_policy_xml_read(cases[i][0], &policy, NULL));
        g_assert_cmpstr(policy.content, ==, cases[i][1]);
    }
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add_func("/virt/place/is-local", test_place_is_local);
    g_test_add_data_func("/virt/place/ways", check_ways, test_ways);
    g_test_add_data_func("/virt/place/modular-ways", check_modular_ways, test_ways);
    g_test_add_data_func("/virt/place/no-way", check_no_way, test_ways);
    g_test_add_func("/virt/place/files", test_place_files);
    g_test_add_func("/virt/place/refusals", test_place_refusals);
    g_test_add_func("/virt/place/sockets", test_place_sockets);
    g_test_add_func("/virt/place/same", test_place_same);
    g_test_add_func("/virt/process/end", test_process_end);
    g_test_add_func("/virt/process/identity", test_process_identity);
    g_test_add_func("/virt/process/no-pid-file", test_process_no_pid_file);
    g_test_add_func("/virt/domain-xml/agent-channel", test_agent_channel);
    g_test_add_func("/virt/domain-xml/rest", test_domain_xml);
    g_test_add_func("/virt/domain-xml/halt-shows", test_halt_shows);
    g_test_add_func("/virt/domain-xml/owner", test_owner);
    g_test_add_func("/virt/domain-xml/labels", test_labels);
    g_test_add_func("/virt/policy-xml", test_policy_xml);
    g_test_add_func("/virt/policy-xml/content", test_policy_xml_content);
    return g_test_run();
}

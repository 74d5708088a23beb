/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is heard of domains, and URIs of all kinds, on libvirt's test driver. */

#include <glib-unix.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "virt-fixture.h"
#include "vs-test.h"

static void
test_list(VirtFixture *f, gconstpointer unused)
{
    VsAction *action = virt_fixture_action(VS_ACTION_LIST, NULL);
    virDomainPtr paused = virt_fixture_create(f, "a &lt;paused&gt; one");
    const VirtSeen *seen;
    bool transient_seen = false;

    virDomainSuspend(paused);
    action->serial = 77;
    vs_virt_carry_out(f->virt, action);
    seen = virt_fixture_wait_for(f, VS_EVENT_LISTED, 1);
    g_assert_cmpstr(seen->event.uri, ==, VIRT_FIXTURE_URI);
    g_assert_cmpuint(seen->event.listed.serial, ==, 77);
    g_assert_cmpuint(seen->domains->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        const VsDomainInfo *info = &g_array_index(seen->domains, VsDomainInfo, i);
        bool transient = strcmp(info->domain.name, "a <paused> one") == 0;

        transient_seen |= transient;
        g_assert_cmpstr(info->domain.uri, ==, VIRT_FIXTURE_URI);
        g_assert_true(vs_uuid_is_valid(info->domain.uuid.text));
        g_assert_cmpint(info->domain.id, >, 0);
        g_assert_cmpint(info->state, ==, transient ? VS_STATE_PAUSED : VS_STATE_RUNNING);
        g_assert_cmpint(info->persistent, ==, !transient);
    }
    g_assert_true(transient_seen);
    virDomainFree(paused);
}

static void
test_events(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    char uuid[VIR_UUID_STRING_BUFLEN];
    int first = (int)virDomainGetID(domain);
    const VirtSeen *seen;

    virDomainGetUUIDString(domain, uuid);
    virDomainSuspend(domain);
    seen = virt_fixture_wait_for_lifecycle(f, 1, VS_LIFECYCLE_SUSPENDED,
                                           VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
    g_assert_cmpstr(seen->domain.uri, ==, VIRT_FIXTURE_URI);
    g_assert_cmpstr(seen->domain.name, ==, "test");
    g_assert_cmpstr(seen->domain.uuid.text, ==, uuid);
    g_assert_cmpint(seen->domain.id, ==, first);
    virDomainResume(domain);
    virt_fixture_wait_for_lifecycle(f, 2, VS_LIFECYCLE_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
    virDomainShutdown(domain);
    virt_fixture_wait_for_lifecycle(f, 3, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
    virDomainCreate(domain);
    seen = virt_fixture_wait_for_lifecycle(f, 4, VS_LIFECYCLE_STARTED,
                                           VIR_DOMAIN_EVENT_STARTED_BOOTED);
    g_assert_cmpint(seen->domain.id, >, first);
    virDomainDestroy(domain);
    virt_fixture_wait_for_lifecycle(f, 5, VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    virDomainUndefine(domain);
    virt_fixture_wait_for_lifecycle(f, 6, VS_LIFECYCLE_UNDEFINED,
                                    VIR_DOMAIN_EVENT_UNDEFINED_REMOVED);
    virDomainFree(domain);
}

static void
test_no_log(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    const VirtSeen *seen;

    vs_virt_carry_out(f->virt, virt_fixture_action(VS_ACTION_READ_LOG, domain));
    g_assert_cmpuint(virt_fixture_count(f, VS_EVENT_LOG), ==, 0);
    seen = virt_fixture_wait_for(f, VS_EVENT_LOG, 1);
    g_assert_null(seen->event.log.lines);
    g_assert_nonnull(strstr(seen->text, VIRT_FIXTURE_URI));
    g_assert_cmpstr(seen->domain.name, ==, "test");
    virDomainFree(domain);
}

static void
test_bad_uri(const void *data)
{
    const char *const *uri_and_why = data;
    const char *uris[] = {uri_and_why[0], uri_and_why[0], NULL};
    VirtFixture f = {0};
    VsAction *action;
    const VirtSeen *seen;

    virt_fixture_start_uri(&f, uris);
    seen = virt_fixture_wait_for(&f, VS_EVENT_CONNECTION, 1);
    g_assert_false(seen->event.connection.open);
    if (!strstr(seen->text, uri_and_why[1]))
        g_error("\"%s\" is not in \"%s\"", uri_and_why[1], seen->text);
    virt_fixture_run_for(1000); /* it is tried again three times and more, and not told again */
    g_assert_cmpuint(f.seen->len, ==, 1);

    action = virt_fixture_action(VS_ACTION_CALL, NULL);
    g_free(action->domain.uri);
    action->domain.uri = g_strdup(uris[0]);
    vs_virt_carry_out(f.virt, action);
    vs_virt_carry_out(f.virt, action);
    g_assert_cmpuint(virt_fixture_count(&f, VS_EVENT_REPLY), ==, 0);
    seen = virt_fixture_wait_for(&f, VS_EVENT_REPLY, 2);
    g_assert_true(seen->event.reply.lost);
    g_assert_false(seen->event.reply.ok);
    g_assert_nonnull(strstr(seen->text, uri_and_why[1]));
    virt_fixture_tear_down(&f, NULL);
}

static void
test_unknown_uri(VirtFixture *f, gconstpointer unused)
{
    VsAction *action = virt_fixture_action(VS_ACTION_CALL, NULL);

    g_free(action->domain.uri);
    action->domain.uri = g_strdup("test:///other");
    vs_virt_carry_out(f->virt, action);
    g_assert_true(virt_fixture_wait_for(f, VS_EVENT_REPLY, 1)->event.reply.lost);
    vs_virt_carry_out(f->virt, action);
    virt_fixture_wait_for(f, VS_EVENT_REPLY, 2);
    g_assert_cmpuint(virt_fixture_count(f, VS_EVENT_CONNECTION), ==, 1);
}

/* A libvirtd that takes connections and never says a word. */
static int
listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpuint(strlen(path), <, sizeof address.sun_path);
    strcpy(address.sun_path, path);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(fd, 5), ==, 0);
    return fd;
}

static gboolean
on_readable(gint fd, GIOCondition condition, void *data)
{
    *(int *)data = accept(fd, NULL, NULL);
    return G_SOURCE_REMOVE;
}

static bool
is_accepted(VirtFixture *f, const void *what)
{
    return *(const int *)what >= 0;
}

static void
test_silent_libvirtd(void)
{
    g_autofree char *path = g_build_filename(vs_test_dir(), "silent", NULL);
    g_autofree char *uri = g_strdup_printf("qemu+unix:///system?socket=%s", path);
    const char *uris[] = {uri, VIRT_FIXTURE_URI, NULL};
    int listening = listen_at(path);
    int peer = -1;
    VirtFixture f = {0};
    virDomainPtr domain;

    g_unix_fd_add(listening, G_IO_IN, on_readable, &peer);
    virt_fixture_start_uri(&f, uris);
    virt_fixture_wait_until(is_accepted, &f, &peer, "the connection to the silent one");
    /* The other VIRT_FIXTURE_URI is none the worse for it. */
    g_assert_cmpstr(virt_fixture_wait_for(&f, VS_EVENT_CONNECTION, 1)->event.uri, ==,
                    VIRT_FIXTURE_URI);
    domain = virDomainLookupByName(f.other, "test");
    virt_fixture_call(&f, domain, VS_METHOD_DESTROY, 1);
    virt_fixture_assert_done(&f, 1);
    virDomainFree(domain);
    virt_fixture_tear_down(&f, NULL);

    /* Now the thread that was left behind comes back. */
    close(peer);
    close(listening);
    virt_fixture_run_for(200);
}

/* A file's domains belong to one connection alone, but there can be many. */
static void
test_many_domains(void)
{
    g_autoptr(GString) xml = g_string_new("<node>");
    g_autofree char *path = NULL;
    g_autofree char *uri = NULL;
    const char *uris[] = {NULL, NULL};
    VsAction *action;
    VirtFixture f = {0};

    for (int i = 0; i < 500; i++)
        g_string_append_printf(xml,
                               "<domain type='test'><name>guest-%d</name><memory>8192</memory>"
                               "<os><type>hvm</type></os></domain>",
                               i);
    g_string_append(xml, "</node>");
    path = vs_test_write(vs_test_dir(), "node.xml", xml->str);
    uris[0] = uri = g_strdup_printf("test://%s", path);
    virt_fixture_start_uri(&f, uris);
    g_assert_true(virt_fixture_wait_for(&f, VS_EVENT_CONNECTION, 1)->event.connection.open);
    action = virt_fixture_action(VS_ACTION_LIST, NULL);
    g_free(action->domain.uri);
    action->domain.uri = g_strdup(uri);
    vs_virt_carry_out(f.virt, action);
    g_assert_cmpuint(virt_fixture_wait_for(&f, VS_EVENT_LISTED, 1)->domains->len, ==, 500);
    virt_fixture_tear_down(&f, NULL);
}

int
main(int argc, char **argv)
{
    static const char *const no_transport[] = {"test+nonsense:///default", "transport", NULL};
    static const char *const no_socket[] = {"qemu+unix:///system?socket=/nonexistent/socket",
                                            "/nonexistent/socket", NULL};

    vs_test_init(&argc, &argv);
    vs_virt_init();

#define ADD(name, function)                                                                        \
    g_test_add("/virt/" name, VirtFixture, NULL, virt_fixture_set_up, function,                    \
               virt_fixture_tear_down)
    ADD("list", test_list);
    ADD("events", test_events);
    ADD("no-log", test_no_log);
    ADD("unknown-uri", test_unknown_uri);
#undef ADD
    g_test_add_data_func("/virt/bad-uri/transport", no_transport, test_bad_uri);
    g_test_add_data_func("/virt/bad-uri/socket", no_socket, test_bad_uri);
    g_test_add_func("/virt/silent-libvirtd", test_silent_libvirtd);
    g_test_add_func("/virt/many-domains", test_many_domains);
    return g_test_run();
}

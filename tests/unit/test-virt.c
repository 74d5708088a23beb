/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The adapter on libvirt's test driver, which needs no libvirtd: all connections of a process to
 * test:///default share its domains, so that a second one plays the others. */

#include <glib-unix.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vs-test.h"
#include "util/span.h"
#include "virt/virt.h"

#define URI     "test:///default"
#define TIMEOUT 60 /* s */

typedef struct Seen {
    VsEvent event;
    VsDomainId domain;
    char *text; /* why, message or error */
    GArray *domains;
} Seen;

typedef struct Fixture {
    virConnectPtr other;
    VsVirt *virt;
    GPtrArray *seen; /* of Seen */
} Fixture;

static void
seen_free(void *data)
{
    Seen *seen = data;

    vs_domain_id_clear(&seen->domain);
    if (seen->domains)
        g_array_unref(seen->domains);
    g_free(seen->text);
    g_free(seen);
}

static GArray *
copy_infos(const VsEvent *event)
{
    GArray *infos = g_array_new(FALSE, TRUE, sizeof(VsDomainInfo));

    g_array_set_clear_func(infos, (GDestroyNotify)vs_domain_info_clear);
    for (unsigned i = 0; i < event->listed.n_domains; i++) {
        VsDomainInfo info = event->listed.domains[i];

        vs_domain_id_copy(&info.domain, &event->listed.domains[i].domain);
        g_array_append_val(infos, info);
    }
    return infos;
}

static void
sink(const VsEvent *event, void *userdata)
{
    Fixture *f = userdata;
    Seen *seen = g_new0(Seen, 1);

    seen->event = *event;
    if (event->domain)
        vs_domain_id_copy(&seen->domain, event->domain);
    if (event->type == VS_EVENT_CONNECTION)
        seen->text = g_strdup(event->connection.why);
    if (event->type == VS_EVENT_REPLY)
        seen->text = g_strdup(event->reply.message);
    if (event->type == VS_EVENT_LOG)
        seen->text = g_strdup(event->log.error);
    if (event->type == VS_EVENT_LISTED)
        seen->domains = copy_infos(event);
    g_ptr_array_add(f->seen, seen);
}

static gboolean
on_timeout(void *data)
{
    g_error("waited in vain for %s", (const char *)data);
    return G_SOURCE_REMOVE;
}

/* Runs the main loop until @done says so. */
static void
wait_until(bool (*done)(Fixture *f, const void *what), Fixture *f, const void *what,
           const char *description)
{
    guint timer = g_timeout_add_seconds(TIMEOUT, on_timeout, (void *)description);

    while (!done(f, what))
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
}

typedef struct Wanted {
    VsEventType type;
    unsigned n;
} Wanted;

static unsigned
count(const Fixture *f, VsEventType type)
{
    unsigned n = 0;

    for (guint i = 0; i < f->seen->len; i++)
        n += ((Seen *)f->seen->pdata[i])->event.type == type;
    return n;
}

static bool
has_come(Fixture *f, const void *what)
{
    const Wanted *wanted = what;

    return count(f, wanted->type) >= wanted->n;
}

/* The @n-th event of that type, waited for where it isn't there yet. */
static const Seen *
wait_for(Fixture *f, VsEventType type, unsigned n)
{
    Wanted wanted = {.type = type, .n = n};
    g_autofree char *description = g_strdup_printf("event %u of type %d", n, type);

    wait_until(has_come, f, &wanted, description);
    for (guint i = 0; i < f->seen->len; i++) {
        const Seen *seen = f->seen->pdata[i];

        if (seen->event.type == type && --n == 0)
            return seen;
    }
    g_assert_not_reached();
}

static const Seen *
wait_for_lifecycle(Fixture *f, unsigned n, int type, int detail)
{
    const Seen *seen = wait_for(f, VS_EVENT_LIFECYCLE, n);

    g_assert_cmpint(seen->event.lifecycle.type, ==, type);
    g_assert_cmpint(seen->event.lifecycle.detail, ==, detail);
    return seen;
}

static void
start_uri(Fixture *f, const char *const *uris)
{
    f->other = virConnectOpen(URI);
    g_assert_nonnull(f->other);
    f->seen = g_ptr_array_new_with_free_func(seen_free);
    f->virt = vs_virt_new(uris, VS_AGENT_CALL_COMMAND, sink, f);
    vs_virt_start(f->virt);
}

static void
set_up(Fixture *f, gconstpointer unused)
{
    const char *uris[] = {URI, NULL};

    start_uri(f, uris);
    g_assert_true(wait_for(f, VS_EVENT_CONNECTION, 1)->event.connection.open);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    int64_t begin = g_get_monotonic_time();

    if (f->virt)
        vs_virt_free(f->virt);
    g_assert_cmpint(g_get_monotonic_time() - begin, <, VS_USEC_PER_SEC);
    virConnectClose(f->other);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_ptr_array_unref(f->seen);
}

static VsAction *
new_action(VsActionType type, virDomainPtr domain)
{
    static VsActions *actions;
    VsDomainId id = {.uri = (char *)URI, .name = (char *)"", .id = -1};

    if (!actions)
        actions = vs_actions_new();
    g_ptr_array_set_size(actions, 0);
    if (domain) {
        id.name = (char *)virDomainGetName(domain);
        id.id = (int)virDomainGetID(domain);
        virDomainGetUUIDString(domain, id.uuid.text);
    }
    return vs_actions_add(actions, type, &id);
}

static void
call(Fixture *f, virDomainPtr domain, VsMethod method, uint64_t number)
{
    VsAction *action = new_action(VS_ACTION_CALL, domain);

    action->method = method;
    action->call = number;
    vs_virt_carry_out(f->virt, action);
}

static virDomainPtr
create(Fixture *f, const char *name)
{
    g_autofree char *xml =
        g_strdup_printf("<domain type='test'><name>%s</name><memory>8192</memory>"
                        "<os><type>hvm</type></os></domain>",
                        name);
    virDomainPtr domain = virDomainCreateXML(f->other, xml, 0);

    g_assert_nonnull(domain);
    return domain;
}

static void
test_list(Fixture *f, gconstpointer unused)
{
    VsAction *action = new_action(VS_ACTION_LIST, NULL);
    virDomainPtr paused = create(f, "a &lt;paused&gt; one");
    const Seen *seen;
    bool transient_seen = false;

    virDomainSuspend(paused);
    action->serial = 77;
    vs_virt_carry_out(f->virt, action);
    seen = wait_for(f, VS_EVENT_LISTED, 1);
    g_assert_cmpstr(seen->event.uri, ==, URI);
    g_assert_cmpuint(seen->event.listed.serial, ==, 77);
    g_assert_cmpuint(seen->domains->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        const VsDomainInfo *info = &g_array_index(seen->domains, VsDomainInfo, i);
        bool transient = strcmp(info->domain.name, "a <paused> one") == 0;

        transient_seen |= transient;
        g_assert_cmpstr(info->domain.uri, ==, URI);
        g_assert_true(vs_uuid_is_valid(info->domain.uuid.text));
        g_assert_cmpint(info->domain.id, >, 0);
        g_assert_cmpint(info->state, ==, transient ? VS_STATE_PAUSED : VS_STATE_RUNNING);
        g_assert_cmpint(info->persistent, ==, !transient);
        g_assert_cmpint(info->agent, ==, VS_AGENT_NONE);
    }
    g_assert_true(transient_seen);
    virDomainFree(paused);
}

static void
test_events(Fixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    char uuid[VIR_UUID_STRING_BUFLEN];
    int first = (int)virDomainGetID(domain);
    const Seen *seen;

    virDomainGetUUIDString(domain, uuid);
    virDomainSuspend(domain);
    seen = wait_for_lifecycle(f, 1, VS_LIFECYCLE_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
    g_assert_cmpstr(seen->domain.uri, ==, URI);
    g_assert_cmpstr(seen->domain.name, ==, "test");
    g_assert_cmpstr(seen->domain.uuid.text, ==, uuid);
    g_assert_cmpint(seen->domain.id, ==, first);
    virDomainResume(domain);
    wait_for_lifecycle(f, 2, VS_LIFECYCLE_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
    virDomainShutdown(domain);
    wait_for_lifecycle(f, 3, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN);
    virDomainCreate(domain);
    seen = wait_for_lifecycle(f, 4, VS_LIFECYCLE_STARTED, VIR_DOMAIN_EVENT_STARTED_BOOTED);
    g_assert_cmpint(seen->domain.id, >, first);
    virDomainDestroy(domain);
    wait_for_lifecycle(f, 5, VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED);
    virDomainUndefine(domain);
    wait_for_lifecycle(f, 6, VS_LIFECYCLE_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_REMOVED);
    virDomainFree(domain);
}

static void
assert_done(Fixture *f, unsigned n)
{
    const Seen *seen = wait_for(f, VS_EVENT_REPLY, n);

    g_assert_cmpstr(seen->text, ==, NULL);
    g_assert_true(seen->event.reply.ok);
    g_assert_cmpuint(seen->event.reply.call, ==, n);
    g_assert_false(seen->event.reply.lost);
    g_assert_false(seen->event.reply.still_there);
    g_assert_cmpstr(seen->domain.uri, ==, URI);
}

static void
test_calls(Fixture *f, gconstpointer unused)
{
    virDomainPtr button = create(f, "button");
    virDomainPtr victim = create(f, "victim");

    virDomainSuspend(victim);
    wait_for_lifecycle(f, 3, VS_LIFECYCLE_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
    call(f, victim, VS_METHOD_RESUME, 1);
    assert_done(f, 1);
    wait_for_lifecycle(f, 4, VS_LIFECYCLE_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
    call(f, button, VS_METHOD_POWER_BUTTON, 2);
    assert_done(f, 2);
    g_assert_cmpstr(
        wait_for_lifecycle(f, 5, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN)->domain.name, ==,
        "button");
    call(f, victim, VS_METHOD_DESTROY, 3);
    assert_done(f, 3);
    g_assert_cmpstr(
        wait_for_lifecycle(f, 6, VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED)->domain.name, ==,
        "victim");
    virDomainFree(button);
    virDomainFree(victim);
}

static void
assert_failed(Fixture *f, unsigned n, int code, const char *message)
{
    const Seen *seen = wait_for(f, VS_EVENT_REPLY, n);

    g_assert_false(seen->event.reply.ok);
    g_assert_false(seen->event.reply.lost);
    g_assert_cmpint(seen->event.reply.code, ==, code);
    if (!strstr(seen->text, message))
        g_error("\"%s\" is not in \"%s\"", message, seen->text);
}

static void
test_refusals(Fixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    VsAction *action;

    call(f, domain, VS_METHOD_AGENT, 1);
    assert_failed(f, 1, VIR_ERR_NO_SUPPORT, "not supported");
    vs_virt_set_agent_call(f->virt, VS_AGENT_CALL_SHUTDOWN);
    call(f, domain, VS_METHOD_AGENT, 2);
    assert_failed(f, 2, VIR_ERR_INVALID_ARG, "unsupported flags");

    action = new_action(VS_ACTION_CALL, domain);
    strcpy(action->domain.uuid.text, "00000000-0000-4000-8000-000000000000");
    action->method = VS_METHOD_DESTROY;
    vs_virt_carry_out(f->virt, action);
    assert_failed(f, 3, VIR_ERR_NO_DOMAIN, "");
    virDomainFree(domain);
}

/* A call that was meant for a run that is over must not hit the next one. */
static void
test_started_anew(Fixture *f, gconstpointer unused)
{
    static const VsMethod methods[] = {VS_METHOD_AGENT, VS_METHOD_POWER_BUTTON, VS_METHOD_RESUME,
                                       VS_METHOD_DESTROY};
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    int old = (int)virDomainGetID(domain);
    int id, state, reason;
    unsigned n = 0;
    g_autofree char *anew = NULL;

    virDomainDestroy(domain);
    virDomainCreate(domain);
    virDomainSuspend(domain);
    id = (int)virDomainGetID(domain);
    anew = g_strdup_printf("id %d, not %d", id, old);
    for (guint i = 0; i < G_N_ELEMENTS(methods); i++) {
        VsAction *action = new_action(VS_ACTION_CALL, domain);

        action->domain.id = old;
        action->method = methods[i];
        vs_virt_carry_out(f->virt, action);
        assert_failed(f, ++n, VIR_ERR_OPERATION_INVALID, anew);
    }
    g_assert_cmpint(virDomainGetState(domain, &state, &reason, 0), ==, 0);
    g_assert_cmpint(state, ==, VIR_DOMAIN_PAUSED);

    virDomainDestroy(domain);
    for (guint i = 0; i < G_N_ELEMENTS(methods); i++) {
        VsAction *action = new_action(VS_ACTION_CALL, domain);

        action->domain.id = id;
        action->method = methods[i];
        vs_virt_carry_out(f->virt, action);
        assert_failed(f, ++n, VIR_ERR_OPERATION_INVALID, "no longer runs");
    }
    virDomainFree(domain);
}

static void
test_many_calls(Fixture *f, gconstpointer unused)
{
    enum { N = 20 };
    uint64_t answered = 0;

    for (unsigned i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("guest-%u", i);
        virDomainPtr domain = create(f, name);

        call(f, domain, VS_METHOD_DESTROY, i);
        virDomainFree(domain);
    }
    wait_for(f, VS_EVENT_REPLY, N);
    wait_for(f, VS_EVENT_LIFECYCLE, 2 * N);
    for (guint i = 0; i < f->seen->len; i++) {
        const Seen *seen = f->seen->pdata[i];

        if (seen->event.type != VS_EVENT_REPLY)
            continue;
        g_assert_true(seen->event.reply.ok);
        answered |= UINT64_C(1) << seen->event.reply.call;
    }
    g_assert_cmphex(answered, ==, (UINT64_C(1) << N) - 1);
    g_assert_cmpuint(count(f, VS_EVENT_REPLY), ==, N);
    g_assert_cmpint(virConnectNumOfDomains(f->other), ==, 1);
}

static void
test_no_log(Fixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    const Seen *seen;

    vs_virt_carry_out(f->virt, new_action(VS_ACTION_READ_LOG, domain));
    g_assert_cmpuint(count(f, VS_EVENT_LOG), ==, 0);
    seen = wait_for(f, VS_EVENT_LOG, 1);
    g_assert_null(seen->event.log.lines);
    g_assert_nonnull(strstr(seen->text, URI));
    g_assert_cmpstr(seen->domain.name, ==, "test");
    virDomainFree(domain);
}

/* There is no way to know how far the calls are, so all is tried: none begun, some, all. */
static void
test_free_while_calling(Fixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    unsigned before;

    for (unsigned i = 0; i < 200; i++) {
        call(f, domain, i % 2 ? VS_METHOD_RESUME : VS_METHOD_AGENT, i);
        vs_virt_carry_out(f->virt, new_action(VS_ACTION_LIST, NULL));
        if (i % 50 == 0)
            g_main_context_iteration(NULL, FALSE);
    }
    before = f->seen->len;
    vs_virt_free(g_steal_pointer(&f->virt));
    virDomainSuspend(domain);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(f->seen->len, ==, before);
    virDomainFree(domain);
}

static gboolean
set_true(void *data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

static void
run_for(unsigned ms)
{
    bool over = false;

    g_timeout_add(ms, set_true, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

static void
test_bad_uri(const void *data)
{
    const char *const *uri_and_why = data;
    const char *uris[] = {uri_and_why[0], uri_and_why[0], NULL};
    Fixture f = {0};
    VsAction *action;
    const Seen *seen;

    start_uri(&f, uris);
    seen = wait_for(&f, VS_EVENT_CONNECTION, 1);
    g_assert_false(seen->event.connection.open);
    if (!strstr(seen->text, uri_and_why[1]))
        g_error("\"%s\" is not in \"%s\"", uri_and_why[1], seen->text);
    run_for(1000); /* it is tried again three times and more, and not told again */
    g_assert_cmpuint(f.seen->len, ==, 1);

    action = new_action(VS_ACTION_CALL, NULL);
    g_free(action->domain.uri);
    action->domain.uri = g_strdup(uris[0]);
    vs_virt_carry_out(f.virt, action);
    vs_virt_carry_out(f.virt, action);
    g_assert_cmpuint(count(&f, VS_EVENT_REPLY), ==, 0);
    seen = wait_for(&f, VS_EVENT_REPLY, 2);
    g_assert_true(seen->event.reply.lost);
    g_assert_false(seen->event.reply.ok);
    g_assert_nonnull(strstr(seen->text, uri_and_why[1]));
    tear_down(&f, NULL);
}

static void
test_unknown_uri(Fixture *f, gconstpointer unused)
{
    VsAction *action = new_action(VS_ACTION_CALL, NULL);

    g_free(action->domain.uri);
    action->domain.uri = g_strdup("test:///other");
    vs_virt_carry_out(f->virt, action);
    g_assert_true(wait_for(f, VS_EVENT_REPLY, 1)->event.reply.lost);
    vs_virt_carry_out(f->virt, action);
    wait_for(f, VS_EVENT_REPLY, 2);
    g_assert_cmpuint(count(f, VS_EVENT_CONNECTION), ==, 1);
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
is_accepted(Fixture *f, const void *what)
{
    return *(const int *)what >= 0;
}

static void
test_silent_libvirtd(void)
{
    g_autofree char *path = g_build_filename(vs_test_dir(), "silent", NULL);
    g_autofree char *uri = g_strdup_printf("qemu+unix:///system?socket=%s", path);
    const char *uris[] = {uri, URI, NULL};
    int listening = listen_at(path);
    int peer = -1;
    Fixture f = {0};
    virDomainPtr domain;

    g_unix_fd_add(listening, G_IO_IN, on_readable, &peer);
    start_uri(&f, uris);
    wait_until(is_accepted, &f, &peer, "the connection to the silent one");
    /* The other URI is none the worse for it. */
    g_assert_cmpstr(wait_for(&f, VS_EVENT_CONNECTION, 1)->event.uri, ==, URI);
    domain = virDomainLookupByName(f.other, "test");
    call(&f, domain, VS_METHOD_DESTROY, 1);
    assert_done(&f, 1);
    virDomainFree(domain);
    tear_down(&f, NULL);

    /* Now the thread that was left behind comes back. */
    close(peer);
    close(listening);
    run_for(200);
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
    Fixture f = {0};

    for (int i = 0; i < 500; i++)
        g_string_append_printf(xml,
                               "<domain type='test'><name>guest-%d</name><memory>8192</memory>"
                               "<os><type>hvm</type></os></domain>",
                               i);
    g_string_append(xml, "</node>");
    path = vs_test_write(vs_test_dir(), "node.xml", xml->str);
    uris[0] = uri = g_strdup_printf("test://%s", path);
    start_uri(&f, uris);
    g_assert_true(wait_for(&f, VS_EVENT_CONNECTION, 1)->event.connection.open);
    action = new_action(VS_ACTION_LIST, NULL);
    g_free(action->domain.uri);
    action->domain.uri = g_strdup(uri);
    vs_virt_carry_out(f.virt, action);
    g_assert_cmpuint(wait_for(&f, VS_EVENT_LISTED, 1)->domains->len, ==, 500);
    tear_down(&f, NULL);
}

int
main(int argc, char **argv)
{
    static const char *const no_transport[] = {"test+nonsense:///default", "transport", NULL};
    static const char *const no_socket[] = {"qemu+unix:///system?socket=/nonexistent/socket",
                                            "/nonexistent/socket", NULL};

    vs_test_init(&argc, &argv);
    vs_virt_init();

#define ADD(name, function) g_test_add("/virt/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("list", test_list);
    ADD("events", test_events);
    ADD("calls", test_calls);
    ADD("refusals", test_refusals);
    ADD("started-anew", test_started_anew);
    ADD("many-calls", test_many_calls);
    ADD("no-log", test_no_log);
    ADD("unknown-uri", test_unknown_uri);
    ADD("free-while-calling", test_free_while_calling);
#undef ADD
    g_test_add_data_func("/virt/bad-uri/transport", no_transport, test_bad_uri);
    g_test_add_data_func("/virt/bad-uri/socket", no_socket, test_bad_uri);
    g_test_add_func("/virt/silent-libvirtd", test_silent_libvirtd);
    g_test_add_func("/virt/many-domains", test_many_domains);
    return g_test_run();
}

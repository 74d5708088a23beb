/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virt-fixture.h"

#include "util/span.h"

#define TIMEOUT 60 /* s */

static void
seen_free(void *data)
{
    VirtSeen *seen = data;

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
    VirtFixture *f = userdata;
    VirtSeen *seen = g_new0(VirtSeen, 1);

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
void
virt_fixture_wait_until(VirtFixtureDone done, VirtFixture *f, const void *what,
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

unsigned
virt_fixture_count(const VirtFixture *f, VsEventType type)
{
    unsigned n = 0;

    for (guint i = 0; i < f->seen->len; i++)
        n += ((VirtSeen *)f->seen->pdata[i])->event.type == type;
    return n;
}

static bool
has_come(VirtFixture *f, const void *what)
{
    const Wanted *wanted = what;

    return virt_fixture_count(f, wanted->type) >= wanted->n;
}

/* The @n-th event of that type, waited for where it isn't there yet. */
const VirtSeen *
virt_fixture_wait_for(VirtFixture *f, VsEventType type, unsigned n)
{
    Wanted wanted = {.type = type, .n = n};
    g_autofree char *description = g_strdup_printf("event %u of type %d", n, type);

    virt_fixture_wait_until(has_come, f, &wanted, description);
    for (guint i = 0; i < f->seen->len; i++) {
        const VirtSeen *seen = f->seen->pdata[i];

        if (seen->event.type == type && --n == 0)
            return seen;
    }
    g_assert_not_reached();
}

const VirtSeen *
virt_fixture_wait_for_lifecycle(VirtFixture *f, unsigned n, int type, int detail)
{
    const VirtSeen *seen = virt_fixture_wait_for(f, VS_EVENT_LIFECYCLE, n);

    g_assert_cmpint(seen->event.lifecycle.type, ==, type);
    g_assert_cmpint(seen->event.lifecycle.detail, ==, detail);
    return seen;
}

void
virt_fixture_start_uri(VirtFixture *f, const char *const *uris)
{
    f->other = virConnectOpen(VIRT_FIXTURE_URI);
    g_assert_nonnull(f->other);
    f->seen = g_ptr_array_new_with_free_func(seen_free);
    f->virt = vs_virt_new(uris, VS_AGENT_CALL_COMMAND, sink, f);
    vs_virt_start(f->virt);
}

void
virt_fixture_set_up(VirtFixture *f, gconstpointer unused)
{
    const char *uris[] = {VIRT_FIXTURE_URI, NULL};

    virt_fixture_start_uri(f, uris);
    g_assert_true(virt_fixture_wait_for(f, VS_EVENT_CONNECTION, 1)->event.connection.open);
}

void
virt_fixture_tear_down(VirtFixture *f, gconstpointer unused)
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

VsAction *
virt_fixture_action(VsActionType type, virDomainPtr domain)
{
    static VsActions *actions;
    VsDomainId id = {.uri = (char *)VIRT_FIXTURE_URI, .name = (char *)"", .id = -1};

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

void
virt_fixture_call(VirtFixture *f, virDomainPtr domain, VsMethod method, uint64_t number)
{
    VsAction *action = virt_fixture_action(VS_ACTION_CALL, domain);

    action->method = method;
    action->call = number;
    vs_virt_carry_out(f->virt, action);
}

virDomainPtr
virt_fixture_create(VirtFixture *f, const char *name)
{
    g_autofree char *xml =
        g_strdup_printf("<domain type='test'><name>%s</name><memory>8192</memory>"
                        "<os><type>hvm</type></os></domain>",
                        name);
    virDomainPtr domain = virDomainCreateXML(f->other, xml, 0);

    g_assert_nonnull(domain);
    return domain;
}

void
virt_fixture_assert_done(VirtFixture *f, unsigned n)
{
    const VirtSeen *seen = virt_fixture_wait_for(f, VS_EVENT_REPLY, n);

    g_assert_cmpstr(seen->text, ==, NULL);
    g_assert_true(seen->event.reply.ok);
    g_assert_cmpuint(seen->event.reply.call, ==, n);
    g_assert_false(seen->event.reply.lost);
    g_assert_false(seen->event.reply.still_there);
    g_assert_cmpstr(seen->domain.uri, ==, VIRT_FIXTURE_URI);
}

static gboolean
set_true(void *data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

void
virt_fixture_run_for(unsigned ms)
{
    bool over = false;

    g_timeout_add(ms, set_true, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

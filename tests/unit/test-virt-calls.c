/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is done to domains, on libvirt's test driver. */

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "virt-fixture.h"
#include "vs-test.h"

static void
test_calls(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr button = virt_fixture_create(f, "button");
    virDomainPtr victim = virt_fixture_create(f, "victim");

    virDomainSuspend(victim);
    virt_fixture_wait_for_lifecycle(f, 3, VS_LIFECYCLE_SUSPENDED,
                                    VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
    virt_fixture_call(f, victim, VS_METHOD_RESUME, 1);
    virt_fixture_assert_done(f, 1);
    virt_fixture_wait_for_lifecycle(f, 4, VS_LIFECYCLE_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
    virt_fixture_call(f, button, VS_METHOD_POWER_BUTTON, 2);
    virt_fixture_assert_done(f, 2);
    g_assert_cmpstr(virt_fixture_wait_for_lifecycle(f, 5, VS_LIFECYCLE_STOPPED, VS_STOPPED_SHUTDOWN)
                        ->domain.name,
                    ==, "button");
    virt_fixture_call(f, victim, VS_METHOD_DESTROY, 3);
    virt_fixture_assert_done(f, 3);
    g_assert_cmpstr(
        virt_fixture_wait_for_lifecycle(f, 6, VS_LIFECYCLE_STOPPED, VS_STOPPED_DESTROYED)
            ->domain.name,
        ==, "victim");
    virDomainFree(button);
    virDomainFree(victim);
}

static void
assert_failed(VirtFixture *f, unsigned n, int code, const char *message)
{
    const VirtSeen *seen = virt_fixture_wait_for(f, VS_EVENT_REPLY, n);

    g_assert_false(seen->event.reply.ok);
    g_assert_false(seen->event.reply.lost);
    g_assert_cmpint(seen->event.reply.code, ==, code);
    if (!strstr(seen->text, message))
        g_error("\"%s\" is not in \"%s\"", message, seen->text);
}

static void
test_refusals(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    VsAction *action;

    virt_fixture_call(f, domain, VS_METHOD_AGENT, 1);
    assert_failed(f, 1, VIR_ERR_NO_SUPPORT, "not supported");
    vs_virt_set_agent_call(f->virt, VS_AGENT_CALL_SHUTDOWN);
    virt_fixture_call(f, domain, VS_METHOD_AGENT, 2);
    assert_failed(f, 2, VIR_ERR_INVALID_ARG, "unsupported flags");

    action = virt_fixture_action(VS_ACTION_CALL, domain);
    strcpy(action->domain.uuid.text, "00000000-0000-4000-8000-000000000000");
    action->method = VS_METHOD_DESTROY;
    vs_virt_carry_out(f->virt, action);
    assert_failed(f, 3, VIR_ERR_NO_DOMAIN, "");
    virDomainFree(domain);
}

/* A call that was meant for a run that is over must not hit the next one. */
static void
test_started_anew(VirtFixture *f, gconstpointer unused)
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
        VsAction *action = virt_fixture_action(VS_ACTION_CALL, domain);

        action->domain.id = old;
        action->method = methods[i];
        vs_virt_carry_out(f->virt, action);
        assert_failed(f, ++n, VIR_ERR_OPERATION_INVALID, anew);
    }
    g_assert_cmpint(virDomainGetState(domain, &state, &reason, 0), ==, 0);
    g_assert_cmpint(state, ==, VIR_DOMAIN_PAUSED);

    virDomainDestroy(domain);
    for (guint i = 0; i < G_N_ELEMENTS(methods); i++) {
        VsAction *action = virt_fixture_action(VS_ACTION_CALL, domain);

        action->domain.id = id;
        action->method = methods[i];
        vs_virt_carry_out(f->virt, action);
        assert_failed(f, ++n, VIR_ERR_OPERATION_INVALID, "no longer runs");
    }
    virDomainFree(domain);
}

static void
test_many_calls(VirtFixture *f, gconstpointer unused)
{
    enum { N = 20 };
    uint64_t answered = 0;

    for (unsigned i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("guest-%u", i);
        virDomainPtr domain = virt_fixture_create(f, name);

        virt_fixture_call(f, domain, VS_METHOD_DESTROY, i);
        virDomainFree(domain);
    }
    virt_fixture_wait_for(f, VS_EVENT_REPLY, N);
    virt_fixture_wait_for(f, VS_EVENT_LIFECYCLE, 2 * N);
    for (guint i = 0; i < f->seen->len; i++) {
        const VirtSeen *seen = f->seen->pdata[i];

        if (seen->event.type != VS_EVENT_REPLY)
            continue;
        g_assert_true(seen->event.reply.ok);
        answered |= UINT64_C(1) << seen->event.reply.call;
    }
    g_assert_cmphex(answered, ==, (UINT64_C(1) << N) - 1);
    g_assert_cmpuint(virt_fixture_count(f, VS_EVENT_REPLY), ==, N);
    g_assert_cmpint(virConnectNumOfDomains(f->other), ==, 1);
}

/* There is no way to know how far the calls are, so all is tried: none begun, some, all. */
static void
test_free_while_calling(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    unsigned before;

    for (unsigned i = 0; i < 200; i++) {
        virt_fixture_call(f, domain, i % 2 ? VS_METHOD_RESUME : VS_METHOD_AGENT, i);
        vs_virt_carry_out(f->virt, virt_fixture_action(VS_ACTION_LIST, NULL));
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

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    vs_virt_init();

#define ADD(name, function)                                                                        \
    g_test_add("/virt/" name, VirtFixture, NULL, virt_fixture_set_up, function,                    \
               virt_fixture_tear_down)
    ADD("calls", test_calls);
    ADD("refusals", test_refusals);
    ADD("started-anew", test_started_anew);
    ADD("many-calls", test_many_calls);
    ADD("free-while-calling", test_free_while_calling);
#undef ADD
    return g_test_run();
}

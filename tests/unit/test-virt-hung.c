/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Between the adapter and libvirt's test driver: guests that hang, so that libvirt tells their XML
 * to nobody, and guests that end between two calls. The functions here are called in place of
 * libvirt's own. */

#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <stdlib.h>
#include <string.h>

#include "virt-fixture.h"
#include "vs-test.h"

#define N_MONITORS                                                                                 \
    4 /* QEMUs that hang: more than are asked at once about jobs, or were about figures */

typedef struct Meddler {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;         /* those that hang no longer do */
    unsigned n_asked;  /* for an XML, or for figures */
    unsigned n_hung;   /* figures of those that hang */
    virDomainPtr ends; /* or NULL: it ends before ... */
    unsigned at_list;  /* ... so many lists were made from now on, */
    bool at_state;     /* ... or its state is asked for */
} Meddler;

static Meddler meddler = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true};

static void
end_it(void)
{
    g_assert_cmpint(virDomainDestroy(meddler.ends), ==, 0);
    virDomainFree(meddler.ends);
    meddler.ends = NULL;
}

/* A name that no real driver has, but the one whose XML is read. */
const char *
virConnectGetType(virConnectPtr connection)
{
    return "QEMU";
}

char *
virDomainGetXMLDesc(virDomainPtr domain, unsigned flags)
{
    char *(*real)(virDomainPtr, unsigned) = dlsym(RTLD_NEXT, "virDomainGetXMLDesc");

    pthread_mutex_lock(&meddler.lock);
    meddler.n_asked++;
    pthread_cond_broadcast(&meddler.changed);
    while (!meddler.open && g_str_has_prefix(virDomainGetName(domain), "hangs"))
        pthread_cond_wait(&meddler.changed, &meddler.lock);
    pthread_mutex_unlock(&meddler.lock);
    return real(domain, flags);
}

int
virConnectListAllDomains(virConnectPtr connection, virDomainPtr **domains, unsigned flags)
{
    int (*real)(virConnectPtr, virDomainPtr **, unsigned) =
        dlsym(RTLD_NEXT, "virConnectListAllDomains");

    pthread_mutex_lock(&meddler.lock);
    if (meddler.ends && meddler.at_list > 0 && --meddler.at_list == 0)
        end_it();
    pthread_mutex_unlock(&meddler.lock);
    return real(connection, domains, flags);
}

int
virDomainGetState(virDomainPtr domain, int *state, int *reason, unsigned flags)
{
    int (*real)(virDomainPtr, int *, int *, unsigned) = dlsym(RTLD_NEXT, "virDomainGetState");

    pthread_mutex_lock(&meddler.lock);
    if (meddler.ends && meddler.at_state &&
        g_str_equal(virDomainGetName(domain), virDomainGetName(meddler.ends)))
        end_it();
    pthread_mutex_unlock(&meddler.lock);
    return real(domain, state, reason, flags);
}

/* As libvirt has it of a QEMU that hangs from now on: nobody was in its monitor before, but whoever
 * asks for figures then is, whatever is said of waiting. */
int
virDomainListGetStats(virDomainPtr *domains, unsigned stats, virDomainStatsRecordPtr **records,
                      unsigned flags)
{
    virDomainStatsRecordPtr *list;
    int n_params = 0, max_params = 0;

    pthread_mutex_lock(&meddler.lock);
    meddler.n_asked++;
    if (!meddler.open && g_str_has_prefix(virDomainGetName(*domains), "hangs"))
        meddler.n_hung++;
    while (!meddler.open && g_str_has_prefix(virDomainGetName(*domains), "hangs"))
        pthread_cond_wait(&meddler.changed, &meddler.lock);
    pthread_mutex_unlock(&meddler.lock);
    list = calloc(2, sizeof *list);
    list[0] = calloc(1, sizeof **list);
    virDomainRef(*domains);
    list[0]->dom = *domains;
    g_assert_cmpint(
        virTypedParamsAddULLong(&list[0]->params, &n_params, &max_params, "vcpu.0.time", 7), ==, 0);
    g_assert_cmpint(
        virTypedParamsAddUInt(&list[0]->params, &n_params, &max_params, "block.count", 0), ==, 0);
    list[0]->nparams = n_params;
    *records = list;
    return 1;
}

static void
set_open(bool open)
{
    pthread_mutex_lock(&meddler.lock);
    meddler.open = open;
    pthread_cond_broadcast(&meddler.changed);
    pthread_mutex_unlock(&meddler.lock);
}

static void
ask(VirtFixture *f, VsActionType type, virDomainPtr domain, uint64_t serial)
{
    VsAction *action = virt_fixture_action(type, domain);

    action->serial = serial;
    vs_virt_carry_out(f->virt, action);
}

static bool
all_hang(VirtFixture *f, const void *what)
{
    unsigned n;

    pthread_mutex_lock(&meddler.lock);
    n = meddler.n_hung;
    pthread_mutex_unlock(&meddler.lock);
    if (n < N_MONITORS)
        g_usleep(1000); /* nothing wakes the main loop for it */
    return n == N_MONITORS;
}

static gboolean
turn(void *data)
{
    return G_SOURCE_CONTINUE;
}

/* QEMUs that hang, about whose figures libvirt is asked again and again: it is asked once about
 * each, and about others all the same. */
static void
test_figures(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr hung[N_MONITORS], fine = virt_fixture_create(f, "fine");
    guint timer = g_timeout_add(10, turn, NULL);

    set_open(false);
    meddler.n_hung = 0;
    for (unsigned i = 0; i < N_MONITORS; i++) {
        g_autofree char *name = g_strdup_printf("hangs-%u", i);

        hung[i] = virt_fixture_create(f, name);
    }
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < N_MONITORS; i++)
            ask(f, VS_ACTION_ASK_STATS, hung[i], 0);
    virt_fixture_wait_until(all_hang, f, NULL, "all that hang to be asked");
    ask(f, VS_ACTION_ASK_STATS, fine, 0);
    g_assert_cmpuint(virt_fixture_wait_for(f, VS_EVENT_STATS, 1)->event.stats.cpu, ==, 7);
    g_assert_cmpuint(meddler.n_hung, ==, N_MONITORS);
    set_open(true);
    virt_fixture_wait_for(f, VS_EVENT_STATS, N_MONITORS + 1);
    ask(f, VS_ACTION_ASK_STATS, hung[0], 0);
    virt_fixture_wait_for(f, VS_EVENT_STATS, N_MONITORS + 2);
    g_source_remove(timer);
    for (unsigned i = 0; i < N_MONITORS; i++)
        virDomainFree(hung[i]);
    virDomainFree(fine);
}

/* Three whose XML libvirt doesn't tell: lists, look-ups and the XML of others come all the same. */
static void
test_hung(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr hung[] = {virt_fixture_create(f, "hangs-1"), virt_fixture_create(f, "hangs-2"),
                           virt_fixture_create(f, "hangs-3")};
    virDomainPtr well = virDomainLookupByName(f->other, "test");
    const VirtSeen *seen;

    set_open(false);
    for (unsigned i = 0; i < G_N_ELEMENTS(hung); i++)
        ask(f, VS_ACTION_DESCRIBE, hung[i], i + 1);
    ask(f, VS_ACTION_LIST, NULL, 10);
    ask(f, VS_ACTION_LOOK_UP, hung[0], 11);
    ask(f, VS_ACTION_DESCRIBE, well, 12);
    g_assert_cmpuint(virt_fixture_wait_for(f, VS_EVENT_LISTED, 1)->domains->len, ==, 4);
    seen = virt_fixture_wait_for(f, VS_EVENT_LOOKED_UP, 1);
    g_assert_cmpstr(seen->domain.name, ==, "hangs-1");
    seen = virt_fixture_wait_for(f, VS_EVENT_DESCRIBED, 1);
    g_assert_cmpuint(seen->event.described.serial, ==, 12);
    g_assert_nonnull(seen->event.described.description);

    set_open(true);
    virt_fixture_wait_for(f, VS_EVENT_DESCRIBED, 4);
    for (unsigned i = 0; i < G_N_ELEMENTS(hung); i++)
        virDomainFree(hung[i]);
    virDomainFree(well);
}

/* Nothing else asks for an XML. */
static void
test_no_xml(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    unsigned before = meddler.n_asked;
    const VsDomainInfo *info;

    ask(f, VS_ACTION_LIST, NULL, 1);
    ask(f, VS_ACTION_LOOK_UP, domain, 2);
    info = &g_array_index(virt_fixture_wait_for(f, VS_EVENT_LISTED, 1)->domains, VsDomainInfo, 0);
    virt_fixture_wait_for(f, VS_EVENT_LOOKED_UP, 1);
    g_assert_false(info->described);
    g_assert_cmpuint(meddler.n_asked, ==, before);
    virDomainFree(domain);
}

/* It isn't the run any more that was asked about. */
static void
test_other_run(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = virDomainLookupByName(f->other, "test");
    VsAction *action = virt_fixture_action(VS_ACTION_DESCRIBE, domain);
    const VirtSeen *seen;

    action->domain.id += 100;
    vs_virt_carry_out(f->virt, action);
    seen = virt_fixture_wait_for(f, VS_EVENT_DESCRIBED, 1);
    g_assert_null(seen->event.described.description);
    virDomainFree(domain);
}

static void
test_ended(VirtFixture *f, unsigned at_list, bool at_state)
{
    virDomainPtr domain = virt_fixture_create(f, "ends");
    const VirtSeen *seen;

    pthread_mutex_lock(&meddler.lock);
    meddler.ends = domain;
    meddler.at_list = at_list;
    meddler.at_state = at_state;
    pthread_mutex_unlock(&meddler.lock);
    ask(f, VS_ACTION_LIST, NULL, 1);
    seen = virt_fixture_wait_for(f, VS_EVENT_LISTED, 1);
    g_assert_null(meddler.ends);
    g_assert_cmpuint(seen->domains->len, ==, 1);
    g_assert_true(g_array_index(seen->domains, VsDomainInfo, 0).persistent);
}

/* A transient guest that ends between the two calls of a list is in none, as persistent or not. */
static void
test_ended_between(VirtFixture *f, gconstpointer unused)
{
    test_ended(f, 2, false);
}

static void
test_ended_later(VirtFixture *f, gconstpointer unused)
{
    test_ended(f, 0, true);
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    vs_virt_init();

#define ADD(name, function)                                                                        \
    g_test_add("/virt/hung/" name, VirtFixture, NULL, virt_fixture_set_up, function,               \
               virt_fixture_tear_down)
    ADD("hung", test_hung);
    ADD("figures", test_figures);
    ADD("no-xml", test_no_xml);
    ADD("other-run", test_other_run);
    ADD("ended-between", test_ended_between);
    ADD("ended-later", test_ended_later);
    return g_test_run();
}

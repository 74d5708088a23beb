/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a domain's metadata say of its policy, read and written through libvirt's test driver. The
 * functions here are called in place of libvirt's own. */

#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "core/labels.h"
#include "virt-fixture.h"
#include "vs-test.h"

#define BOTH (VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG)

typedef struct Meddler {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool hangs;          /* who asks for the metadata of a domain that is called so */
    unsigned n_hung;     /* so many do */
    bool full;           /* what libvirt keeps can't be written */
    virDomainPtr starts; /* or NULL: somebody starts it before it is written the next time */
} Meddler;

static Meddler meddler = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER};

char *
virDomainGetMetadata(virDomainPtr domain, int type, const char *uri, unsigned flags)
{
    char *(*real)(virDomainPtr, int, const char *, unsigned) =
        dlsym(RTLD_NEXT, "virDomainGetMetadata");

    pthread_mutex_lock(&meddler.lock);
    if (g_str_has_prefix(virDomainGetName(domain), "hangs")) {
        meddler.n_hung += meddler.hangs;
        pthread_cond_broadcast(&meddler.changed);
        while (meddler.hangs)
            pthread_cond_wait(&meddler.changed, &meddler.lock);
    }
    pthread_mutex_unlock(&meddler.lock);
    return real(domain, type, uri, flags);
}

int
virDomainSetMetadata(virDomainPtr domain, int type, const char *metadata, const char *key,
                     const char *uri, unsigned flags)
{
    int (*real)(virDomainPtr, int, const char *, const char *, const char *, unsigned) =
        dlsym(RTLD_NEXT, "virDomainSetMetadata");

    if (meddler.starts && virDomainIsActive(domain) == 0) {
        g_assert_cmpint(virDomainCreate(meddler.starts), ==, 0);
        g_clear_pointer(&meddler.starts, virDomainFree);
    }
    /* The test driver has nothing on a disk: it fails as libvirt does where that is full. */
    return real(domain, type, metadata, key, uri,
                meddler.full && (flags & VIR_DOMAIN_AFFECT_CONFIG) ? UINT32_MAX : flags);
}

/* --- those who ask --- */

typedef struct Answer {
    bool given;
    VsLabels *labels;
    char *error; /* NULL: none */
} Answer;

static void
on_answer(const VsDomainId *domain, const VsLabels *labels, const GError *error, void *to)
{
    Answer *answer = to;

    g_assert_false(answer->given);
    answer->given = true;
    answer->labels = vs_labels_ref(labels);
    answer->error = error ? g_strdup(error->message) : NULL;
}

static void
answer_clear(Answer *answer)
{
    g_clear_pointer(&answer->labels, vs_labels_unref);
    g_clear_pointer(&answer->error, g_free);
    answer->given = false;
}

static bool
is_given(VirtFixture *f, const void *what)
{
    return ((const Answer *)what)->given;
}

static void
await(VirtFixture *f, const Answer *answer)
{
    virt_fixture_wait_until(is_given, f, answer, "an answer");
}

static VsDomainId
id_of(virDomainPtr domain)
{
    VsDomainId id = {
        .uri = (char *)VIRT_FIXTURE_URI, .name = (char *)virDomainGetName(domain), .id = -1};

    g_assert_cmpint(virDomainGetUUIDString(domain, id.uuid.text), ==, 0);
    return id;
}

static void
write_key(VirtFixture *f, virDomainPtr domain, const char *change, Answer *answer)
{
    char *changes[] = {(char *)change, NULL};
    VsDomainId id = id_of(domain);

    vs_virt_write_labels(f->virt, &id, changes, false, on_answer, answer);
}

/* ... which is done. */
static void
write_now(VirtFixture *f, virDomainPtr domain, const char *change)
{
    Answer answer = {0};

    write_key(f, domain, change, &answer);
    await(f, &answer);
    g_assert_cmpstr(answer.error, ==, NULL);
    answer_clear(&answer);
}

static void
put(virDomainPtr domain, const char *xml, unsigned flags)
{
    g_assert_cmpint(virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, xml,
                                         VS_METADATA_PREFIX, VS_METADATA_NAMESPACE, flags),
                    ==, 0);
}

/* The caller owns it; "": there is none. */
static char *
metadata_of(virDomainPtr domain, unsigned flags)
{
    char *xml =
        virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, VS_METADATA_NAMESPACE, flags);
    char *copy = g_strdup(xml ? xml : "");

    free(xml);
    return copy;
}

static void
assert_has(virDomainPtr domain, unsigned flags, const char *part)
{
    g_autofree char *xml = metadata_of(domain, flags);

    if (!strstr(xml, part))
        g_error("no %s in %s", part, xml);
}

/* One that runs, and is kept. */
static virDomainPtr
define(VirtFixture *f, const char *name)
{
    g_autofree char *xml =
        g_strdup_printf("<domain type='test'><name>%s</name><memory>8192</memory>"
                        "<os><type>hvm</type></os></domain>",
                        name);
    virDomainPtr domain = virDomainDefineXML(f->other, xml);

    g_assert_nonnull(domain);
    g_assert_cmpint(virDomainCreate(domain), ==, 0);
    return domain;
}

/* --- the tests --- */

/* Of those who change it at once each has what he asked for. */
static void
test_side_by_side(VirtFixture *f, gconstpointer unused)
{
    static const char *const changes[] = {"Priority=1",  "OnBoot=ignore", "Paused=leave",
                                          "Asleep=save", "Jobs=abort",    "Retries=3",
                                          "Owner=none",  "Tags=a"};
    Answer answers[G_N_ELEMENTS(changes)] = {0};
    virDomainPtr domain = define(f, "shared");

    for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++)
        write_key(f, domain, changes[i], &answers[i]);
    for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
        await(f, &answers[i]);
        g_assert_cmpstr(answers[i].error, ==, NULL);
        answer_clear(&answers[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_auto(GStrv) words = g_strsplit(changes[i], "=", 2);
        g_autofree char *attribute = g_strdup_printf("%s=\"%s\"", words[0], words[1]);

        assert_has(domain, VIR_DOMAIN_AFFECT_LIVE, attribute);
        assert_has(domain, VIR_DOMAIN_AFFECT_CONFIG, attribute);
    }
    virDomainFree(domain);
}

/* What others have put there stays as it is. */
static void
test_others(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = define(f, "noted");
    static const char *const theirs[] = {"xmlns:o=\"urn:o\"", "o:note=\"a &amp; &quot;b&quot;\"",
                                         "<!-- why: <priority> -->",
                                         "<o:more a=\"1\">text &lt;</o:more>", "<inner/>"};

    put(domain,
        "<policy xmlns:o='urn:o' o:note='a &amp; &quot;b&quot;' Priority='1'>"
        "<!-- why: <priority> --><o:more a='1'>text &lt;</o:more><inner/></policy>",
        BOTH);
    write_now(f, domain, "Priority=2");
    write_now(f, domain, "Tags=x");
    write_now(f, domain, "Tags=");
    write_now(f, domain, "Priority=");
    for (unsigned i = 0; i < G_N_ELEMENTS(theirs); i++) {
        assert_has(domain, VIR_DOMAIN_AFFECT_LIVE, theirs[i]);
        assert_has(domain, VIR_DOMAIN_AFFECT_CONFIG, theirs[i]);
    }
    write_now(f, domain, "Priority=3");
    assert_has(domain, VIR_DOMAIN_AFFECT_CONFIG, "Priority=\"3\"");
    assert_has(domain, VIR_DOMAIN_AFFECT_CONFIG, "<inner/>");
    virDomainFree(domain);
}

/* Of ours nothing is left where nothing is said. */
static void
test_taken_out(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = define(f, "plain");
    g_autofree char *left = NULL;

    write_now(f, domain, "Priority=2");
    write_now(f, domain, "Priority=");
    left = metadata_of(domain, VIR_DOMAIN_AFFECT_LIVE);
    g_assert_cmpstr(left, ==, "");
    virDomainFree(domain);
}

/* All of it is written, or nothing. */
static void
test_half_written(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = define(f, "full"), bare = define(f, "bare");
    g_autofree char *left = NULL;
    Answer answer = {0}, again = {0};

    put(domain, "<policy Priority='1'/>", BOTH);
    meddler.full = true;
    write_key(f, domain, "Priority=2", &answer);
    await(f, &answer);
    write_key(f, bare, "Priority=2", &again);
    await(f, &again);
    meddler.full = false;
    g_assert_nonnull(answer.error);
    g_assert_nonnull(again.error);
    assert_has(domain, VIR_DOMAIN_AFFECT_LIVE, "Priority=\"1\"");
    assert_has(domain, VIR_DOMAIN_AFFECT_CONFIG, "Priority=\"1\"");
    left = metadata_of(bare, VIR_DOMAIN_AFFECT_LIVE);
    g_assert_cmpstr(left, ==, "");
    answer_clear(&answer);
    answer_clear(&again);
    virDomainFree(domain);
    virDomainFree(bare);
}

/* Somebody starts the domain as its metadata are written: it runs by them, too. */
static void
test_started(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr domain = define(f, "starts");

    g_assert_cmpint(virDomainDestroy(domain), ==, 0);
    g_assert_cmpint(virDomainRef(domain), ==, 0);
    meddler.starts = domain;
    write_now(f, domain, "Priority=4");
    assert_has(domain, VIR_DOMAIN_AFFECT_LIVE, "Priority=\"4\"");
    assert_has(domain, VIR_DOMAIN_AFFECT_CONFIG, "Priority=\"4\"");
    virDomainFree(domain);
}

static void
set_hanging(bool hangs)
{
    pthread_mutex_lock(&meddler.lock);
    meddler.hangs = hangs;
    pthread_cond_broadcast(&meddler.changed);
    pthread_mutex_unlock(&meddler.lock);
}

/* As many as users may ask for of domains that libvirt tells nothing of: what root asks for, and
 * writes, comes before. */
static void
test_hung(VirtFixture *f, gconstpointer unused)
{
    virDomainPtr hung = define(f, "hangs"), domain = define(f, "fine");
    VsDomainId id = id_of(hung), fine = id_of(domain);
    Answer users[8] = {0}, root = {0};

    set_hanging(true);
    for (unsigned i = 0; i < G_N_ELEMENTS(users); i++)
        vs_virt_read_labels(f->virt, &id, false, on_answer, &users[i]);
    write_now(f, domain, "Priority=5");
    vs_virt_read_labels(f->virt, &fine, true, on_answer, &root);
    await(f, &root);
    g_assert_cmpstr(root.error, ==, NULL);
    g_assert_false(users[0].given);
    set_hanging(false);
    for (unsigned i = 0; i < G_N_ELEMENTS(users); i++) {
        await(f, &users[i]);
        answer_clear(&users[i]);
    }
    answer_clear(&root);
    virDomainFree(hung);
    virDomainFree(domain);
}

#define ADD(name, function)                                                                        \
    g_test_add("/virt/labels/" name, VirtFixture, NULL, virt_fixture_set_up, function,             \
               virt_fixture_tear_down)

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    vs_virt_init();
    ADD("side-by-side", test_side_by_side);
    ADD("others", test_others);
    ADD("taken-out", test_taken_out);
    ADD("half-written", test_half_written);
    ADD("started", test_started);
    ADD("hung", test_hung);
    return g_test_run();
}

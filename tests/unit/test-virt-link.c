/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The event connection and its coming back, on libvirt's test driver. */

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "util/span.h"
#include "virt/link.h"
#include "virt/virt.h"
#include "vs-test.h"

#define URI     "test:///default"
#define TIMEOUT 60 /* s */

typedef struct Fixture {
    virConnectPtr other;
    virDomainPtr domain;
    VsThreads *threads;
    GString *story; /* a letter for each thing that happens */
    char *why;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
    f->other = virConnectOpen(URI);
    f->domain = virDomainLookupByName(f->other, "test");
    f->threads = vs_threads_new();
    f->story = g_string_new(NULL);
}

static void
run_idle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

/* libvirt looks without a lock whether anybody is there to be told, so an event that comes while
 * the last listener goes is queued for nobody; in its queue of this process, where the test driver
 * lives, it would then hold up every later one. */
static void
wait_for_close(Fixture *f)
{
    g_assert_true(vs_threads_wait(f->threads, TIMEOUT * VS_USEC_PER_SEC));
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    vs_threads_close(f->threads);
    wait_for_close(f);
    vs_threads_unref(f->threads);
    virDomainFree(f->domain);
    virConnectClose(f->other);
    run_idle();
    g_string_free(f->story, TRUE);
    g_free(f->why);
}

static void
on_opened(bool stops_guests, void *userdata)
{
    Fixture *f = userdata;

    g_string_append(f->story, "O");
}

static void
on_closed(const char *why, void *userdata)
{
    Fixture *f = userdata;

    g_string_append(f->story, "C");
    g_free(f->why);
    f->why = g_strdup(why);
}

static void
on_heard(const VsEvent *event, void *userdata)
{
    Fixture *f = userdata;

    g_assert_cmpint(event->type, ==, VS_EVENT_LIFECYCLE);
    g_assert_cmpstr(event->domain->name, ==, "test");
    g_string_append_c(f->story, event->lifecycle.type == VS_LIFECYCLE_SUSPENDED ? 's' : 'r');
}

static const VsLinkCallbacks callbacks = {
    .opened = on_opened,
    .closed = on_closed,
    .heard = on_heard,
};

static gboolean
on_timeout(void *data)
{
    const Fixture *f = data;

    g_error("waited in vain, the story was \"%s\"", f->story->str);
    return G_SOURCE_REMOVE;
}

static void
wait_for_story(Fixture *f, const char *story)
{
    guint timer = g_timeout_add_seconds(TIMEOUT, on_timeout, f);

    while (strcmp(f->story->str, story) != 0) {
        g_assert_true(g_str_has_prefix(story, f->story->str));
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
}

/* What happens between the registration and the moment when somebody listens is kept, in order. */
static void
test_early_events(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    VsListener *listener = vs_listener_open(f->threads, URI, &error);

    g_assert_no_error(error);
    virDomainSuspend(f->domain);
    virDomainResume(f->domain);
    run_idle();
    vs_listener_listen(listener, on_heard, on_closed, f);
    g_assert_cmpstr(f->story->str, ==, "sr");
    virDomainSuspend(f->domain);
    wait_for_story(f, "srs");
    vs_listener_close(listener);
    virDomainResume(f->domain);
    run_idle();
    g_assert_cmpstr(f->story->str, ==, "srs");
}

static void
test_comes_back(Fixture *f, gconstpointer unused)
{
    g_autoptr(VsLink) link = vs_link_new(f->threads, URI, &callbacks, f);

    g_assert_nonnull(vs_link_why_closed(link));
    vs_link_start(link);
    vs_link_start(link);
    wait_for_story(f, "O");
    g_assert_null(vs_link_why_closed(link));
    vs_link_break(link, "the cable was cut");
    g_assert_cmpstr(f->story->str, ==, "OC");
    g_assert_cmpstr(f->why, ==, "the cable was cut");
    g_assert_cmpstr(vs_link_why_closed(link), ==, "the cable was cut");
    wait_for_close(f);
    virDomainSuspend(f->domain); /* nobody hears this */
    wait_for_story(f, "OCO");
    virDomainResume(f->domain);
    wait_for_story(f, "OCOr");
    vs_link_break(link, "the cable was cut"); /* again, so it is told again */
    wait_for_story(f, "OCOrCO");
}

static void
test_open_error(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(vs_listener_open(f->threads, "test+nonsense:///default", &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, "transport"));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    vs_virt_init();

#define ADD(name, function) g_test_add("/virt/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("listener/early-events", test_early_events);
    ADD("listener/open-error", test_open_error);
    ADD("link/comes-back", test_comes_back);
#undef ADD
    return g_test_run();
}

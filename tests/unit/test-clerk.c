/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One thing after the other, beside the main thread. */

#include <string.h>

#include "util/span.h"
#include "vs-test.h"
#include "work/clerk.h"

#define TIMEOUT (60 * VS_USEC_PER_SEC)

typedef struct Fixture {
    VsThreads *threads;
    VsClerk *clerk;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t changed;
    bool open;
    GString *story; /* "r1" as task 1 is run, "t1" as that is told, "d1" as its data goes */
} Fixture;

typedef struct Thing {
    Fixture *f;
    int number;
    bool waits; /* at the gate */
} Thing;

static void
tell(Fixture *f, char what, int number)
{
    pthread_mutex_lock(&f->lock);
    g_string_append_printf(f->story, "%c%d ", what, number);
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void
run(void *data)
{
    Thing *thing = data;
    Fixture *f = thing->f;

    g_assert_false(vs_threads_is_main(f->threads));
    tell(f, 'r', thing->number);
    pthread_mutex_lock(&f->lock);
    while (thing->waits && !f->open)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static void
done(void *data)
{
    Thing *thing = data;

    g_assert_true(vs_threads_is_main(thing->f->threads));
    tell(thing->f, 't', thing->number);
}

static void
destroy(void *data)
{
    Thing *thing = data;

    tell(thing->f, 'd', thing->number);
    g_free(thing);
}

static void
give(Fixture *f, int number, bool waits)
{
    Thing *thing = g_new(Thing, 1);

    *thing = (Thing){.f = f, .number = number, .waits = waits};
    vs_clerk_give(f->clerk, run, done, thing, destroy);
}

static void
open_gate(Fixture *f)
{
    pthread_mutex_lock(&f->lock);
    f->open = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static bool
has_come(Fixture *f, const char *what)
{
    bool has;

    pthread_mutex_lock(&f->lock);
    has = strstr(f->story->str, what) != NULL;
    pthread_mutex_unlock(&f->lock);
    return has;
}

static void
wait_until_begun(Fixture *f, const char *what)
{
    while (!has_come(f, what)) {
        pthread_mutex_lock(&f->lock);
        if (!strstr(f->story->str, what))
            pthread_cond_wait(&f->changed, &f->lock);
        pthread_mutex_unlock(&f->lock);
    }
}

static void
wait_until_told(Fixture *f, const char *what)
{
    while (!has_come(f, what))
        g_main_context_iteration(NULL, TRUE);
}

static void
set_up(Fixture *f, gconstpointer unused)
{
    f->threads = vs_threads_new();
    f->clerk = vs_clerk_new(f->threads, "clerk");
    pthread_mutex_init(&f->lock, NULL);
    vs_threads_condition(&f->changed);
    f->story = g_string_new(NULL);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    open_gate(f);
    g_clear_pointer(&f->clerk, vs_clerk_free);
    vs_threads_close(f->threads);
    g_assert_true(vs_threads_wait(f->threads, TIMEOUT));
    vs_threads_unref(f->threads);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    g_string_free(f->story, TRUE);
}

static void
test_order(Fixture *f, gconstpointer unused)
{
    for (int i = 1; i <= 3; i++)
        give(f, i, i == 1);
    wait_until_begun(f, "r1");
    g_assert_cmpuint(vs_clerk_n_left(f->clerk), ==, 3);
    g_assert_cmpstr(f->story->str, ==, "r1 ");
    open_gate(f);
    wait_until_told(f, "d3");
    g_assert_cmpuint(vs_clerk_n_left(f->clerk), ==, 0);
    g_assert_nonnull(strstr(f->story->str, "r2 "));
    g_assert_cmpint(strstr(f->story->str, "r2") - f->story->str, <,
                    strstr(f->story->str, "r3") - f->story->str);
    g_assert_cmpint(strstr(f->story->str, "t1") - f->story->str, <,
                    strstr(f->story->str, "t2") - f->story->str);
    g_assert_cmpint(strstr(f->story->str, "t2") - f->story->str, <,
                    strstr(f->story->str, "t3") - f->story->str);
    give(f, 4, false); /* its thread has ended, or ends just now */
    wait_until_told(f, "d4");
    g_assert_nonnull(strstr(f->story->str, "t4 d4"));
}

static void
test_wait(Fixture *f, gconstpointer unused)
{
    give(f, 1, true);
    give(f, 2, false);
    g_assert_false(vs_clerk_wait(f->clerk, VS_USEC_PER_SEC / 100));
    open_gate(f);
    g_assert_true(vs_clerk_wait(f->clerk, TIMEOUT));
    g_assert_true(has_come(f, "r2"));
    g_assert_false(has_come(f, "t1")); /* only the main loop tells */
}

static void
test_hangs(Fixture *f, gconstpointer unused)
{
    give(f, 1, true);
    give(f, 2, false);
    wait_until_begun(f, "r1");
    g_clear_pointer(&f->clerk, vs_clerk_free);
    g_assert_cmpstr(f->story->str, ==, "r1 d2 ");
    open_gate(f);
    wait_until_told(f, "d1");
    g_assert_cmpstr(f->story->str, ==, "r1 d2 d1 ");
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);
    g_test_add("/clerk/order", Fixture, NULL, set_up, test_order, tear_down);
    g_test_add("/clerk/wait", Fixture, NULL, set_up, test_wait, tear_down);
    g_test_add("/clerk/hangs", Fixture, NULL, set_up, test_hangs, tear_down);
    return g_test_run();
}

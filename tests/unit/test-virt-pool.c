/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Worker threads, with jobs that need no libvirt: they wait at a gate. */

#include <libvirt/virterror.h>
#include <string.h>

#include "util/span.h"
#include "virt/pool.h"
#include "vs-test.h"

#define TIMEOUT (60 * VS_USEC_PER_SEC)

typedef struct Gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    unsigned n_running, most_running;
    GArray *begun; /* of uint64_t: the jobs' numbers */
} Gate;

typedef struct Fixture {
    VsThreads *threads;
    Gate gate;
    GArray *answered; /* of uint64_t */
    GString *held;    /* "+3" for each job that has to wait, "-3" when it begins */
    unsigned n_lost;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
    f->threads = vs_threads_new();
    pthread_mutex_init(&f->gate.lock, NULL);
    vs_threads_condition(&f->gate.changed);
    f->gate.begun = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    f->answered = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    f->held = g_string_new(NULL);
}

static void
open_gate(Gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    open_gate(&f->gate);
    vs_threads_close(f->threads);
    g_assert_true(vs_threads_wait(f->threads, TIMEOUT));
    vs_threads_unref(f->threads);
    pthread_cond_destroy(&f->gate.changed);
    pthread_mutex_destroy(&f->gate.lock);
    g_array_unref(f->gate.begun);
    g_array_unref(f->answered);
    g_string_free(f->held, TRUE);
}

static void
pass_gate(const VsJob *job, virConnectPtr connection, VsResult *result)
{
    Gate *gate = &((Fixture *)job->userdata)->gate;

    g_assert_null(connection);
    pthread_mutex_lock(&gate->lock);
    g_array_append_val(gate->begun, job->number);
    gate->n_running++;
    gate->most_running = MAX(gate->most_running, gate->n_running);
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    gate->n_running--;
    pthread_mutex_unlock(&gate->lock);
    result->ok = true;
}

static void
note_answer(const VsJob *job, const VsResult *result, void *userdata)
{
    Fixture *f = userdata;

    g_assert_true(vs_threads_is_main(f->threads));
    g_assert_cmpint(result->ok, ==, !result->lost);
    if (result->lost) {
        g_assert_cmpint(result->code, ==, VIR_ERR_NO_CONNECT);
        g_assert_cmpstr(result->message, ==, "the cable was cut");
        f->n_lost++;
    }
    g_array_append_val(f->answered, job->number);
}

static void
note_held(const VsJob *job, bool held, void *userdata)
{
    Fixture *f = userdata;

    g_assert_true(vs_threads_is_main(f->threads));
    g_string_append_printf(f->held, "%c%u", held ? '+' : '-', (unsigned)job->number);
}

static void
submit(Fixture *f, VsPool *pool, uint64_t number)
{
    VsAction action = {.type = VS_ACTION_CALL, .call = number};
    g_autoptr(VsJob) job = vs_job_new(&action, pass_gate, note_answer, f);

    job->held = note_held;
    vs_pool_submit(pool, job);
}

static void
wait_until_begun(Gate *gate, unsigned n)
{
    struct timespec deadline = vs_threads_deadline(TIMEOUT);

    pthread_mutex_lock(&gate->lock);
    while (gate->begun->len < n)
        g_assert_cmpint(pthread_cond_timedwait(&gate->changed, &gate->lock, &deadline), ==, 0);
    pthread_mutex_unlock(&gate->lock);
}

static gboolean
on_timeout(void *data)
{
    g_error("waited in vain for %s", (const char *)data);
    return G_SOURCE_REMOVE;
}

static void
wait_until_answered(Fixture *f, unsigned n)
{
    guint timer = g_timeout_add(TIMEOUT / VS_USEC_PER_MSEC, on_timeout, (void *)"answers");

    while (f->answered->len < n)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
}

static uint64_t
number_at(const GArray *numbers, guint i)
{
    return g_array_index(numbers, uint64_t, i);
}

/* As many at once as the size allows, and not one more. */
static void
test_concurrency(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 2, .calls = 3};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    for (unsigned i = 0; i < 20; i++)
        submit(f, pool, i);
    wait_until_begun(&f->gate, 6);
    g_assert_cmpuint(f->answered->len, ==, 0);
    open_gate(&f->gate);
    wait_until_answered(f, 20);
    g_assert_cmpuint(f->gate.most_running, ==, 6);
    vs_pool_retire(pool, "the cable was cut");
    g_assert_cmpuint(f->n_lost, ==, 0);
}

static void
test_order(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 1, .calls = 1};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    for (unsigned i = 0; i < 10; i++)
        submit(f, pool, i);
    open_gate(&f->gate);
    wait_until_answered(f, 10);
    for (unsigned i = 0; i < 10; i++) {
        g_assert_cmpuint(number_at(f->gate.begun, i), ==, i);
        g_assert_cmpuint(number_at(f->answered, i), ==, i);
    }
    vs_pool_retire(pool, NULL);
}

/* Who has to wait is told so, and when that is over; nobody else is told anything. */
static void
test_held(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 1, .calls = 2};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    for (unsigned i = 0; i < 4; i++)
        submit(f, pool, i);
    wait_until_begun(&f->gate, 2);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpstr(f->held->str, ==, "+2+3");
    open_gate(&f->gate);
    wait_until_answered(f, 4);
    g_assert_cmpstr(f->held->str, ==, "+2+3-2-3");
    vs_pool_retire(pool, NULL);
}

/* What has not begun can be had back, and is never done; what has can't. */
static void
test_withdraw(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 1, .calls = 1};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    for (unsigned i = 1; i < 4; i++)
        submit(f, pool, i);
    wait_until_begun(&f->gate, 1);
    vs_pool_withdraw(pool, 1);
    vs_pool_withdraw(pool, 2);
    vs_pool_withdraw(pool, 7);
    open_gate(&f->gate);
    wait_until_answered(f, 2);
    g_assert_cmpuint(number_at(f->answered, 0), ==, 1);
    g_assert_cmpuint(number_at(f->answered, 1), ==, 3);
    g_assert_cmpuint(f->gate.begun->len, ==, 2);
    vs_pool_retire(pool, NULL);
}

/* A call that hangs is answered when its connection is given up, and not again when it ends. */
static void
test_retire(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 1, .calls = 2};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    for (unsigned i = 0; i < 4; i++)
        submit(f, pool, i);
    wait_until_begun(&f->gate, 2);
    vs_pool_retire(pool, "the cable was cut");
    g_assert_cmpuint(f->answered->len, ==, 4);
    g_assert_cmpuint(f->n_lost, ==, 4);
    open_gate(&f->gate);
    g_assert_true(vs_threads_wait(f->threads, TIMEOUT));
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(f->answered->len, ==, 4);
    g_assert_cmpuint(f->gate.begun->len, ==, 2);
}

static void
test_retire_silently(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 1, .calls = 1};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    submit(f, pool, 0);
    submit(f, pool, 1);
    wait_until_begun(&f->gate, 1);
    vs_pool_retire(pool, NULL);
    open_gate(&f->gate);
    g_assert_true(vs_threads_wait(f->threads, TIMEOUT));
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(f->answered->len, ==, 0);
}

/* What was done before the connection broke has been done. */
static void
test_done_before_retire(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 1, .calls = 1};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    open_gate(&f->gate);
    submit(f, pool, 0);
    submit(f, pool, 1);
    wait_until_begun(&f->gate, 2); /* so the first is done, but not answered yet */
    vs_pool_retire(pool, "the cable was cut");
    wait_until_answered(f, 2);
    g_assert_cmpuint(f->n_lost, <=, 1);
}

static void
count_delivery(void *data)
{
    ++*(unsigned *)data;
}

static void
count_destruction(void *data)
{
    *(unsigned *)data += 100;
}

static void
test_posts(Fixture *f, gconstpointer unused)
{
    unsigned count = 0, late = 0;

    vs_threads_post(f->threads, count_delivery, &count, count_destruction);
    g_assert_cmpuint(count, ==, 0);
    while (count == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(count, ==, 101);

    vs_threads_post(f->threads, count_delivery, &late, count_destruction);
    vs_threads_close(f->threads);
    g_assert_cmpuint(late, ==, 100);
    vs_threads_post(f->threads, count_delivery, &late, count_destruction);
    g_assert_cmpuint(late, ==, 200);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(late, ==, 200);
}

static void
close_threads(void *data)
{
    vs_threads_close(((Fixture *)data)->threads);
}

static void
do_nothing(void *data)
{
}

static void
test_close_in_delivery(Fixture *f, gconstpointer unused)
{
    unsigned count = 0;

    vs_threads_post(f->threads, close_threads, f, do_nothing);
    vs_threads_post(f->threads, count_delivery, &count, count_destruction);
    while (count == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(count, ==, 100);
}

static void
test_wait(Fixture *f, gconstpointer unused)
{
    static const VsPoolSize size = {.name = "test", .connections = 1, .calls = 1};
    g_autoptr(VsPool) pool = vs_pool_new(f->threads, &size, NULL);

    submit(f, pool, 0);
    wait_until_begun(&f->gate, 1);
    vs_pool_retire(pool, NULL);
    g_assert_false(vs_threads_wait(f->threads, 20 * VS_USEC_PER_MSEC));
    open_gate(&f->gate);
    g_assert_true(vs_threads_wait(f->threads, TIMEOUT));
}

int
main(int argc, char **argv)
{
    vs_test_init(&argc, &argv);

#define ADD(name, function) g_test_add("/virt/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("pool/concurrency", test_concurrency);
    ADD("pool/order", test_order);
    ADD("pool/held", test_held);
    ADD("pool/withdraw", test_withdraw);
    ADD("pool/retire", test_retire);
    ADD("pool/retire-silently", test_retire_silently);
    ADD("pool/done-before-retire", test_done_before_retire);
    ADD("threads/posts", test_posts);
    ADD("threads/close-in-delivery", test_close_in_delivery);
    ADD("threads/wait", test_wait);
#undef ADD
    return g_test_run();
}

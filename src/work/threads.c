/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "work/threads.h"

#include "util/span.h"

typedef struct VsPost {
    VsTask deliver;
    void *data;
    GDestroyNotify destroy;
} VsPost;

typedef struct VsThread {
    VsThreads *threads;
    VsTask task;
    void *data;
} VsThread;

struct VsThreads {
    gint refs;
    pthread_t main;
    GMainContext *context;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t ended;
    unsigned n_running;
    bool closed;
    GQueue posts;
    GSource *source; /* NULL: the main loop knows of no posts */
};

VsThreads *
vs_threads_new(void)
{
    VsThreads *threads = g_new0(VsThreads, 1);

    threads->refs = 1;
    threads->main = pthread_self();
    threads->context = g_main_context_ref(g_main_context_default());
    pthread_mutex_init(&threads->lock, NULL);
    vs_threads_condition(&threads->ended);
    return threads;
}

VsThreads *
vs_threads_ref(VsThreads *threads)
{
    g_atomic_int_inc(&threads->refs);
    return threads;
}

void
vs_threads_unref(VsThreads *threads)
{
    if (!g_atomic_int_dec_and_test(&threads->refs))
        return;
    g_assert(threads->posts.length == 0);
    pthread_cond_destroy(&threads->ended);
    pthread_mutex_destroy(&threads->lock);
    g_main_context_unref(threads->context);
    g_free(threads);
}

bool
vs_threads_is_main(const VsThreads *threads)
{
    return pthread_equal(threads->main, pthread_self());
}

static void *
run(void *data)
{
    g_autofree VsThread *thread = data;
    VsThreads *threads = thread->threads;

    thread->task(thread->data);
    pthread_mutex_lock(&threads->lock);
    threads->n_running--;
    pthread_cond_broadcast(&threads->ended);
    pthread_mutex_unlock(&threads->lock);
    vs_threads_unref(threads);
    return NULL;
}

bool
vs_threads_start(VsThreads *threads, const char *name, VsTask task, void *data)
{
    VsThread *thread = g_new(VsThread, 1);
    GThread *started;

    *thread = (VsThread){.threads = vs_threads_ref(threads), .task = task, .data = data};
    pthread_mutex_lock(&threads->lock);
    threads->n_running++;
    started = g_thread_try_new(name, run, thread, NULL);
    if (!started)
        threads->n_running--;
    pthread_mutex_unlock(&threads->lock);
    if (!started) {
        vs_threads_unref(threads);
        g_free(thread);
        return false;
    }
    g_thread_unref(started);
    return true;
}

static void
post_free(VsPost *post)
{
    post->destroy(post->data);
    g_free(post);
}

static gboolean
deliver_posts(void *data)
{
    VsThreads *threads = data;
    GQueue posts;
    VsPost *post;

    pthread_mutex_lock(&threads->lock);
    posts = threads->posts;
    g_queue_init(&threads->posts);
    g_clear_pointer(&threads->source, g_source_unref);
    pthread_mutex_unlock(&threads->lock);

    while ((post = g_queue_pop_head(&posts))) {
        if (!threads->closed)
            post->deliver(post->data);
        post_free(post);
    }
    return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
wake_main_loop(VsThreads *threads)
{
    if (threads->source)
        return;
    threads->source = g_idle_source_new();
    g_source_set_priority(threads->source, G_PRIORITY_DEFAULT);
    g_source_set_callback(threads->source, deliver_posts, vs_threads_ref(threads),
                          (GDestroyNotify)vs_threads_unref);
    g_source_attach(threads->source, threads->context);
}

void
vs_threads_post(VsThreads *threads, VsTask deliver, void *data, GDestroyNotify destroy)
{
    VsPost *post = g_new(VsPost, 1);
    bool closed;

    *post = (VsPost){.deliver = deliver, .data = data, .destroy = destroy};
    pthread_mutex_lock(&threads->lock);
    closed = threads->closed;
    if (!closed) {
        g_queue_push_tail(&threads->posts, post);
        wake_main_loop(threads);
    }
    pthread_mutex_unlock(&threads->lock);
    if (closed)
        post_free(post);
}

void
vs_threads_close(VsThreads *threads)
{
    GSource *source;
    GQueue posts;
    VsPost *post;

    pthread_mutex_lock(&threads->lock);
    threads->closed = true;
    source = g_steal_pointer(&threads->source);
    posts = threads->posts;
    g_queue_init(&threads->posts);
    pthread_mutex_unlock(&threads->lock);

    while ((post = g_queue_pop_head(&posts)))
        post_free(post);
    if (source) {
        g_source_destroy(source);
        g_source_unref(source);
    }
}

bool
vs_threads_wait(VsThreads *threads, int64_t timeout)
{
    struct timespec deadline = vs_threads_deadline(timeout);
    bool ended;

    pthread_mutex_lock(&threads->lock);
    while (threads->n_running > 0 &&
           pthread_cond_timedwait(&threads->ended, &threads->lock, &deadline) == 0)
        ;
    ended = threads->n_running == 0;
    pthread_mutex_unlock(&threads->lock);
    return ended;
}

struct timespec
vs_threads_deadline(int64_t span)
{
    int64_t end = g_get_monotonic_time() + span;

    return (struct timespec){.tv_sec = end / VS_USEC_PER_SEC,
                             .tv_nsec = end % VS_USEC_PER_SEC * 1000};
}

void
vs_threads_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}
